# The job, where it finds the site, its program, and what starts it on time.

locals {
  connection = "${var.stack}-site" # what a job's settings name under [sources.<name>.jdbc]
  table_arn  = "arn:aws:dynamodb:${var.region}:${local.account}:table/${var.settings_table}"
  program    = "${path.module}/../glue"
  modules    = [for file in sort(fileset(local.program, "onprem_*.py")) : file]
  code       = "s3://${var.lake_bucket}/code/onprem"
}

resource "aws_s3_object" "program" {
  for_each = toset(concat(["ingest_onprem.py"], local.modules))

  bucket      = var.lake_bucket
  key         = "code/onprem/${each.key}"
  source      = "${local.program}/${each.key}"
  source_hash = filemd5("${local.program}/${each.key}")
  kms_key_id  = var.lake_key_arn
}

resource "aws_glue_connection" "site" {
  name            = local.connection
  description     = "The database of the site; who signs in is in a secret"
  connection_type = "JDBC"

  connection_properties = {
    JDBC_CONNECTION_URL = var.jdbc_url
    JDBC_ENFORCE_SSL    = "true"
    SECRET_ID           = var.site_secret_arn
  }

  physical_connection_requirements {
    availability_zone      = aws_subnet.private.availability_zone
    security_group_id_list = [aws_security_group.job.id]
    subnet_id              = aws_subnet.private.id
  }
}

resource "aws_glue_security_configuration" "onprem" {
  name = local.name

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = aws_kms_key.onprem.arn
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = aws_kms_key.onprem.arn
    }

    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.lake_key_arn
    }
  }
}

resource "aws_glue_job" "onprem" {
  name                    = local.name
  description             = "Pulls tables of the site into the lake's drop"
  role_arn                = aws_iam_role.job.arn
  glue_version            = "5.0"
  worker_type             = "G.1X"
  number_of_workers       = var.workers
  execution_class         = var.execution_class
  timeout                 = var.timeout_minutes
  max_retries             = 0 # the state machine says when a pull is made again
  connections             = [aws_glue_connection.site.name]
  security_configuration  = aws_glue_security_configuration.onprem.name
  job_run_queuing_enabled = false

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "${local.code}/ingest_onprem.py"
  }

  default_arguments = {
    "--enable-continuous-cloudwatch-log" = "true"
    "--enable-metrics"                   = "true"
    "--extra-py-files"                   = join(",", [for file in local.modules : "${local.code}/${file}"])
    "--job-language"                     = "python"
  }

  execution_property {
    max_concurrent_runs = var.concurrent_pulls
  }

  depends_on = [aws_s3_object.program]
}

resource "aws_scheduler_schedule_group" "pulls" {
  name = local.name
}

resource "aws_scheduler_schedule" "pull" {
  for_each = var.schedules

  name                = "${local.name}-${each.key}"
  group_name          = aws_scheduler_schedule_group.pulls.name
  description         = "Pulls ${each.key} from the site, then runs it"
  schedule_expression = each.value
  kms_key_arn         = var.lake_key_arn

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = var.state_machine_arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode({ job = each.key, engine = "glue" })
  }
}
