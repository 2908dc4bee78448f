# A network with a way to the site and to seven services of AWS, and with no way to the internet.

locals {
  flow_logs = "/aws/vpc/${local.name}"

  # Services that the job asks from inside; each endpoint is billed by the hour, those of S3 and DynamoDB are free.
  interface_services = toset(["glue", "kms", "logs", "monitoring", "secretsmanager"])
  gateway_services   = toset(["dynamodb", "s3"])

  # Whoever goes through an endpoint must be of this account.
  own_account_only = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnAccountOnly"
      Effect    = "Allow"
      Principal = "*"
      Action    = "*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = local.account } }
    }]
  })
}

resource "aws_vpc" "site" {
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true # the interface endpoints take over the names of their services
  enable_dns_support   = true

  tags = { Name = local.name }
}

# The group that everything would fall into that names none: it lets nothing through.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.site.id
}

resource "aws_subnet" "private" {
  vpc_id                  = aws_vpc.site.id
  cidr_block              = var.vpc_cidr
  availability_zone       = var.availability_zone
  map_public_ip_on_launch = false

  tags = { Name = local.name }
}

resource "aws_route_table" "private" {
  vpc_id           = aws_vpc.site.id
  propagating_vgws = [aws_vpn_gateway.site.id] # routes that Direct Connect or a dynamic VPN announces

  tags = { Name = local.name }
}

resource "aws_route_table_association" "private" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.private.id
}

# ------------------------------------------------------------------------------------------------------- way to the site

resource "aws_vpn_gateway" "site" {
  vpc_id = aws_vpc.site.id

  tags = { Name = local.name }
}

resource "aws_customer_gateway" "site" {
  count = var.site_gateway_ip == "" ? 0 : 1

  type       = "ipsec.1"
  ip_address = var.site_gateway_ip
  bgp_asn    = 65000 # asked for, and of no meaning for static routes

  tags = { Name = local.name }
}

resource "aws_vpn_connection" "site" {
  count = length(aws_customer_gateway.site)

  type                = "ipsec.1"
  vpn_gateway_id      = aws_vpn_gateway.site.id
  customer_gateway_id = aws_customer_gateway.site[0].id
  static_routes_only  = true

  tags = { Name = local.name }
}

resource "aws_vpn_connection_route" "site" {
  count = length(aws_vpn_connection.site)

  destination_cidr_block = var.site_cidr
  vpn_connection_id      = aws_vpn_connection.site[0].id
}

# ----------------------------------------------------------------------------------------------------------------- ways to AWS

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_services

  vpc_id            = aws_vpc.site.id
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  policy            = local.own_account_only

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_services

  vpc_id              = aws_vpc.site.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.private.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = local.own_account_only

  tags = { Name = "${local.name}-${each.key}" }
}

# --------------------------------------------------------------------------------------------------------------- who to whom

resource "aws_security_group" "job" {
  #checkov:skip=CKV2_AWS_5:Glue puts its workers' interfaces into it, by the connection; checkov does not look there.
  name        = local.name
  description = "The Glue job: to itself, the site's database and endpoints"
  vpc_id      = aws_vpc.site.id
}

resource "aws_security_group" "endpoints" {
  name        = "${local.name}-endpoints"
  description = "Interface endpoints: from the Glue job"
  vpc_id      = aws_vpc.site.id
}

# Glue refuses a connection whose group does not let its own members reach each other on all TCP ports.
resource "aws_vpc_security_group_ingress_rule" "workers" {
  #checkov:skip=CKV_AWS_24:From the group itself and from no address.
  #checkov:skip=CKV_AWS_25:From the group itself and from no address.
  #checkov:skip=CKV_AWS_260:From the group itself and from no address.
  security_group_id            = aws_security_group.job.id
  description                  = "Workers from workers"
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
  referenced_security_group_id = aws_security_group.job.id
}

resource "aws_vpc_security_group_egress_rule" "workers" {
  security_group_id            = aws_security_group.job.id
  description                  = "Workers to workers"
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
  referenced_security_group_id = aws_security_group.job.id
}

resource "aws_vpc_security_group_egress_rule" "site" {
  security_group_id = aws_security_group.job.id
  description       = "The database of the site"
  ip_protocol       = "tcp"
  from_port         = var.site_port
  to_port           = var.site_port
  cidr_ipv4         = var.site_cidr
}

resource "aws_vpc_security_group_egress_rule" "gateways" {
  for_each = aws_vpc_endpoint.gateway

  security_group_id = aws_security_group.job.id
  description       = "Gateway endpoint of ${each.key}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = each.value.prefix_list_id
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.job.id
  description                  = "Interface endpoints"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "The Glue job"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.job.id
}

# ----------------------------------------------------------------------------------------------------------- who did connect

resource "aws_cloudwatch_log_group" "flow" {
  name              = local.flow_logs
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.onprem.arn
}

resource "aws_flow_log" "site" {
  vpc_id          = aws_vpc.site.id
  traffic_type    = "REJECT" # what the rules turned away; what they let through costs more to keep than it tells
  log_destination = aws_cloudwatch_log_group.flow.arn
  iam_role_arn    = aws_iam_role.flow.arn
}
