# The way from an on-premise site into the lake that template.yaml makes: a network, a Glue job in it, its rights.
# Bucket, table, key and state machine are that stack's; they come in by reference.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { external = "true" }
  }
}

data "aws_caller_identity" "current" {}

locals {
  account  = data.aws_caller_identity.current.account_id
  name     = "${var.stack}-onprem" # what the state machine starts, and has rights to
  lake_arn = "arn:aws:s3:::${var.lake_bucket}"
  logs_arn = "arn:aws:logs:${var.region}:${local.account}:log-group"
}

# Logs and what Glue keeps between runs; the lake has its own key.
resource "aws_kms_key" "onprem" {
  description         = "Logs of ${local.name}"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountAdministersAndDelegatesByIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
        Resource  = "*" # a key policy speaks of its own key, and takes no other value
        Action = [
          "kms:CancelKeyDeletion",
          "kms:CreateGrant",
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:DisableKey",
          "kms:DisableKeyRotation",
          "kms:EnableKey",
          "kms:EnableKeyRotation",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GetKeyPolicy",
          "kms:GetKeyRotationStatus",
          "kms:ListGrants",
          "kms:ListKeyPolicies",
          "kms:ListResourceTags",
          "kms:PutKeyPolicy",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:RetireGrant",
          "kms:RevokeGrant",
          "kms:ScheduleKeyDeletion",
          "kms:TagResource",
          "kms:UntagResource",
          "kms:UpdateKeyDescription",
        ]
      },
      {
        Sid       = "LogGroupsOfTheSite"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Resource  = "*" # this key, as above
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"]
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = ["${local.logs_arn}:/aws-glue/*", "${local.logs_arn}:${local.flow_logs}"]
          }
        }
      },
    ]
  })
}
