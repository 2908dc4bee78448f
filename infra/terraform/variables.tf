variable "region" {
  description = "Where the lake is."
  type        = string
  default     = "us-east-1"
}

# ------------------------------------------------------------------------------------- outputs of the stack of the lake

variable "stack" {
  description = "Name of the stack that `sam deploy` made; the Glue job is named after it, which its state machine counts on."
  type        = string
  default     = "lotline"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,40}$", var.stack))
    error_message = "Found ${var.stack}, expected a stack's name in lower case."
  }
}

variable "lake_bucket" {
  description = "The stack's output `LakeBucketName`."
  type        = string
}

variable "settings_table" {
  description = "The stack's output `SettingsTableName`."
  type        = string
}

variable "state_machine_arn" {
  description = "The stack's output `StateMachineArn`."
  type        = string
}

variable "lake_key_arn" {
  description = "The key that bucket and table are encrypted by: `aws kms describe-key --key-id alias/<stack>`."
  type        = string
}

# -------------------------------------------------------------------------------------------------------------- the site

variable "site_cidr" {
  description = "Addresses of the site's databases, and nothing wider: all that the job may connect to."
  type        = string

  validation {
    condition     = can(cidrhost(var.site_cidr, 0)) && !startswith(var.site_cidr, "0.")
    error_message = "Found ${var.site_cidr}, expected the site's own addresses, such as 10.20.30.0/28."
  }
}

variable "site_port" {
  description = "Port of the site's database, such as 5432 (PostgreSQL), 3306 (MySQL), 1433 (SQL Server)."
  type        = number

  validation {
    condition     = var.site_port >= 1 && var.site_port <= 65535
    error_message = "Found ${var.site_port}, expected 1 to 65535."
  }
}

variable "jdbc_url" {
  description = "Address of the site's database with what makes it use TLS, such as jdbc:postgresql://10.20.30.4:5432/crm?sslmode=require."
  type        = string

  validation {
    condition     = startswith(var.jdbc_url, "jdbc:") && can(regex("(?i)ssl|encrypt", var.jdbc_url)) && !can(regex("(?i)password", var.jdbc_url))
    error_message = "Found an address without TLS or with a password, expected TLS by sslmode, sslMode or encrypt, and the password in the secret."
  }
}

variable "site_secret_arn" {
  description = "Secret with {\"username\", \"password\"} of a user of the site who may read the tables and nothing else. Terraform never sees it."
  type        = string
}

variable "site_secret_key_arn" {
  description = "Key of that secret; empty means that of Secrets Manager."
  type        = string
  default     = ""
}

variable "site_gateway_ip" {
  description = "Public address of the site's VPN device; empty means that another way (Direct Connect) is attached to the gateway."
  type        = string
  default     = ""
}

# ------------------------------------------------------------------------------------------------------------ the network

variable "vpc_cidr" {
  description = "Addresses of the new network, which must not overlap the site's."
  type        = string
  default     = "10.90.0.0/24"
}

variable "availability_zone" {
  description = "The one zone that the job works in; a second would double the cost of the endpoints."
  type        = string
  default     = "us-east-1a"
}

variable "log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 365
}

# ---------------------------------------------------------------------------------------------------------------- the job

variable "workers" {
  description = "Workers of 4 processors and 16 GB. One leads, the others read."
  type        = number
  default     = 2

  validation {
    condition     = var.workers >= 2 && var.workers <= 100
    error_message = "Found ${var.workers}, expected 2 to 100."
  }
}

variable "execution_class" {
  description = "FLEX is about a third cheaper and may wait for capacity; STANDARD starts at once."
  type        = string
  default     = "FLEX"

  validation {
    condition     = contains(["FLEX", "STANDARD"], var.execution_class)
    error_message = "Found ${var.execution_class}, expected FLEX or STANDARD."
  }
}

variable "timeout_minutes" {
  description = "After which a pull is stopped; made again under its id it goes on."
  type        = number
  default     = 480
}

variable "concurrent_pulls" {
  description = "Pulls of different jobs at once."
  type        = number
  default     = 2
}

variable "schedules" {
  description = "When to pull and run, by job, such as { crm = \"cron(0 2 * * ? *)\" }, in UTC."
  type        = map(string)
  default     = {}
}
