# Who may do what. A lone * as resource stands only where AWS takes nothing narrower.

locals {
  # A service may take a role for this account only.
  trust = { for service in ["glue", "scheduler", "vpc-flow-logs"] : service => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "${service}.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  }) }

  glue_arn = "arn:aws:glue:${var.region}:${local.account}"
  ec2_arn  = "arn:aws:ec2:${var.region}:${local.account}"
}

resource "aws_iam_role" "job" {
  name               = local.name
  description        = "The Glue job that pulls from the site"
  assume_role_policy = local.trust["glue"]
}

resource "aws_iam_role_policy" "lake" {
  name = "lake"
  role = aws_iam_role.job.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ListPulls"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.lake_arn
        Condition = { StringLike = { "s3:prefix" = ["drop/*/pulled/*", "runs/pulls/*"] } }
      },
      {
        Sid      = "ReadProgramAndPulls"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["${local.lake_arn}/code/onprem/*", "${local.lake_arn}/drop/*/pulled/*", "${local.lake_arn}/runs/pulls/*"]
      },
      {
        Sid      = "WritePulls"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = ["${local.lake_arn}/drop/*/pulled/*", "${local.lake_arn}/runs/pulls/*", "${local.lake_arn}/runs/digests/*"]
      },
      {
        Sid      = "RemoveEarlierPulls"
        Effect   = "Allow"
        Action   = "s3:DeleteObject"
        Resource = "${local.lake_arn}/drop/*/pulled/*"
      },
      {
        Sid       = "ReadSettings"
        Effect    = "Allow"
        Action    = "dynamodb:GetItem"
        Resource  = local.table_arn
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "JOB#*" } }
      },
      {
        Sid       = "KeepPulls"
        Effect    = "Allow"
        Action    = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        Resource  = local.table_arn
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = "PULL#*" } }
      },
      {
        Sid       = "TakeTickets"
        Effect    = "Allow"
        Action    = "dynamodb:UpdateItem"
        Resource  = local.table_arn
        Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = "COUNTER" } }
      },
      {
        Sid      = "ReadAndWriteEncrypted"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.lake_key_arn, aws_kms_key.onprem.arn]
      },
    ]
  })
}

resource "aws_iam_role_policy" "site" {
  name = "site"
  role = aws_iam_role.job.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "FindTheSite"
        Effect   = "Allow"
        Action   = "glue:GetConnection"
        Resource = ["${local.glue_arn}:catalog", "${local.glue_arn}:connection/${local.connection}"]
      },
      {
        Sid      = "SignInToTheSite"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = var.site_secret_arn
      },
      {
        Sid    = "LookAtTheNetwork"
        Effect = "Allow"
        Action = [
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeRouteTables",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcAttribute",
          "ec2:DescribeVpcEndpoints",
        ]
        Resource = "*" # EC2 knows no resource for looking
      },
      {
        Sid    = "EnterTheNetwork"
        Effect = "Allow"
        Action = "ec2:CreateNetworkInterface"
        Resource = [
          "${local.ec2_arn}:network-interface/*",
          "${local.ec2_arn}:security-group/${aws_security_group.job.id}",
          "${local.ec2_arn}:subnet/${aws_subnet.private.id}",
        ]
      },
      {
        Sid       = "MarkOwnInterfaces"
        Effect    = "Allow"
        Action    = ["ec2:CreateTags", "ec2:DeleteTags"]
        Resource  = "${local.ec2_arn}:network-interface/*"
        Condition = { "ForAllValues:StringEquals" = { "aws:TagKeys" = "aws-glue-service-resource" } }
      },
      {
        Sid       = "LeaveTheNetwork"
        Effect    = "Allow"
        Action    = "ec2:DeleteNetworkInterface"
        Resource  = "${local.ec2_arn}:network-interface/*"
        Condition = { ArnEquals = { "ec2:Subnet" = aws_subnet.private.arn } }
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"]
        Resource = ["${local.logs_arn}:/aws-glue/*"]
      },
      {
        Sid       = "WriteMetrics"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*" # CloudWatch knows no resource for its puts, but the namespace
        Condition = { StringEquals = { "cloudwatch:namespace" = "Glue" } }
      },
      ], [for key in compact([var.site_secret_key_arn]) : {
        Sid      = "OpenTheSecret"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = key
    }])
  })
}

resource "aws_iam_role" "schedule" {
  name               = "${local.name}-schedule"
  description        = "Starts pulls on time"
  assume_role_policy = local.trust["scheduler"]
}

resource "aws_iam_role_policy" "schedule" {
  name = "start"
  role = aws_iam_role.schedule.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "StartJob", Effect = "Allow", Action = "states:StartExecution", Resource = var.state_machine_arn },
      { Sid = "ReadEncrypted", Effect = "Allow", Action = "kms:Decrypt", Resource = var.lake_key_arn },
    ]
  })
}

resource "aws_iam_role" "flow" {
  name               = "${local.name}-flow"
  description        = "Writes the flow logs of the network"
  assume_role_policy = local.trust["vpc-flow-logs"]
}

resource "aws_iam_role_policy" "flow" {
  name = "logs"
  role = aws_iam_role.flow.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = ["${aws_cloudwatch_log_group.flow.arn}:*"]
    }]
  })
}
