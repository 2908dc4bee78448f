output "glue_job" {
  description = "The job that the state machine starts."
  value       = aws_glue_job.onprem.name
}

output "connection" {
  description = "What `connection` under [sources.<name>.jdbc] says."
  value       = aws_glue_connection.site.name
}

output "start" {
  description = "Pulls a job and runs it; put the job's name in."
  value       = "aws stepfunctions start-execution --state-machine-arn ${var.state_machine_arn} --input '{\"job\": \"JOB\", \"engine\": \"glue\"}'"
}

output "source_cidr" {
  description = "Addresses that the site's firewall has to let in, to its database's port."
  value       = aws_subnet.private.cidr_block
}

output "vpn_connection" {
  description = "The VPN connection, whose configuration for the site's device the console and the CLI hand out; null without one."
  value       = one(aws_vpn_connection.site[*].id)
}
