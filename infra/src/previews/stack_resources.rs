//! The resources of a stack, service by service: by which ARNs IAM knows them, and which calls read and write them.
//!
//! The calls are those of the official aws provider for the types that this program declares, and of porch's own. ARNs
//! leave the account open, since a policy reaches no other account's resources by itself.

use std::iter;

use crate::aws::iam::Statement;
use crate::names::{Named, Names};
use crate::template::Text;
use crate::values::{Region, StackName};

/// Whose resources.
pub(super) struct StackResources<'a> {
    pub(super) stack: &'a StackName,
    pub(super) region: Region,
    /// What is not called after the stack.
    pub(super) names: &'a [&'a Names],
}

/// What a stack has of one service.
struct Service {
    /// How its resources' ARNs go on after the account, `STACK-` standing for how the names in AWS begin, `NAME` for the stack's own; none when the
    /// service lets nobody say for which resources a call is allowed.
    resources: &'static [&'static str],
    /// `arn:aws:` and the rest up to the resources, where that has no region or account.
    prefix: Prefix,
    reads: &'static [&'static str],
    writes: &'static [&'static str],
}

enum Prefix {
    /// `arn:aws:SERVICE:REGION:*:`.
    Regional(&'static str),
    /// `arn:aws:iam::*:`.
    Iam,
    /// `arn:aws:s3:::`.
    S3,
}

const SERVICES: [Service; 11] = [
    Service {
        prefix: Prefix::Regional("ecr"),
        resources: &["repository/STACK-*"],
        reads: &[
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:DescribeRepositories",
            "ecr:GetLifecyclePolicy",
            "ecr:ListTagsForResource",
        ],
        // Lambda puts its own permission to pull into the repository's policy, as whoever makes the function.
        writes: &[
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchDeleteImage",
            "ecr:CompleteLayerUpload",
            "ecr:CreateRepository",
            "ecr:DeleteLifecyclePolicy",
            "ecr:DeleteRepository",
            "ecr:GetDownloadUrlForLayer",
            "ecr:GetRepositoryPolicy",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:PutImageScanningConfiguration",
            "ecr:PutImageTagMutability",
            "ecr:PutLifecyclePolicy",
            "ecr:SetRepositoryPolicy",
            "ecr:TagResource",
            "ecr:UntagResource",
            "ecr:UploadLayerPart",
        ],
    },
    Service {
        prefix: Prefix::Regional("lambda"),
        resources: &["function:STACK-*"],
        reads: &[
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:GetFunctionConcurrency",
            "lambda:GetFunctionConfiguration",
            "lambda:GetFunctionUrlConfig",
            "lambda:GetPolicy",
            "lambda:ListTags",
            "lambda:ListVersionsByFunction",
        ],
        writes: &[
            "lambda:AddPermission",
            "lambda:CreateFunction",
            "lambda:CreateFunctionUrlConfig",
            "lambda:DeleteFunction",
            "lambda:DeleteFunctionConcurrency",
            "lambda:DeleteFunctionUrlConfig",
            "lambda:InvokeFunction",
            "lambda:PutFunctionConcurrency",
            "lambda:RemovePermission",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
            "lambda:UpdateFunctionUrlConfig",
        ],
    },
    Service {
        prefix: Prefix::Regional("logs"),
        resources: &["log-group:/aws/lambda/STACK-*"],
        reads: &["logs:ListTagsForResource"],
        writes: &[
            "logs:CreateLogGroup",
            "logs:DeleteLogGroup",
            "logs:DeleteRetentionPolicy",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
        ],
    },
    Service {
        prefix: Prefix::Regional("ssm"),
        resources: &["parameter/porch/NAME/*"],
        // The provider reads every value decrypted. AWS's own key for parameters takes whoever may read them.
        reads: &["ssm:GetParameter", "ssm:GetParameters", "ssm:ListTagsForResource"],
        writes: &[
            "ssm:AddTagsToResource",
            "ssm:DeleteParameter",
            "ssm:PutParameter",
            "ssm:RemoveTagsFromResource",
        ],
    },
    Service {
        prefix: Prefix::Regional("dynamodb"),
        resources: &["table/STACK-*"],
        reads: &[
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:ListTagsOfResource",
        ],
        writes: &[
            "dynamodb:CreateTable",
            "dynamodb:DeleteTable",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ],
    },
    Service {
        prefix: Prefix::Regional("sns"),
        resources: &["STACK-*"],
        reads: &["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"],
        writes: &[
            "sns:CreateTopic",
            "sns:DeleteTopic",
            "sns:SetTopicAttributes",
            "sns:Subscribe",
            "sns:TagResource",
            "sns:UntagResource",
        ],
    },
    Service {
        prefix: Prefix::Regional("cloudwatch"),
        resources: &["alarm:STACK-*"],
        reads: &["cloudwatch:ListTagsForResource"],
        writes: &[
            "cloudwatch:DeleteAlarms",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource",
        ],
    },
    Service {
        prefix: Prefix::Regional("scheduler"),
        resources: &["schedule/default/STACK-*"],
        reads: &["scheduler:GetSchedule"],
        writes: &["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"],
    },
    Service {
        prefix: Prefix::S3,
        resources: &["STACK-*"],
        reads: &[
            "s3:GetAccelerateConfiguration",
            "s3:GetBucketAcl",
            "s3:GetBucketCORS",
            "s3:GetBucketLocation",
            "s3:GetBucketLogging",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketRequestPayment",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetBucketWebsite",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:GetObject",
            "s3:GetReplicationConfiguration",
            "s3:ListBucket",
        ],
        writes: &[
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:DeleteBucketPolicy",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:ListBucketVersions",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutLifecycleConfiguration",
            "s3:PutObject",
        ],
    },
    // Who may become what is apart, see `deploy`.
    Service {
        prefix: Prefix::Iam,
        resources: &["role/STACK-*", "user/STACK-*", "policy/STACK-*", "oidc-provider/ISSUER"],
        reads: &[
            "iam:GetOpenIDConnectProvider",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:GetUser",
            "iam:GetUserPolicy",
            "iam:ListAccessKeys",
            "iam:ListAttachedRolePolicies",
            "iam:ListOpenIDConnectProviderTags",
            "iam:ListPolicyTags",
            "iam:ListRolePolicies",
            "iam:ListRoleTags",
            "iam:ListUserTags",
        ],
        writes: &[],
    },
    // Services that let nobody say for which resources these are.
    Service {
        prefix: Prefix::Iam,
        resources: &[],
        reads: &[
            "cloudwatch:DescribeAlarms",
            "ecr:GetAuthorizationToken",
            "logs:DescribeLogGroups",
            "sns:GetSubscriptionAttributes",
            "ssm:DescribeParameters",
        ],
        writes: &["sns:SetSubscriptionAttributes", "sns:Unsubscribe"],
    },
];

impl StackResources<'_> {
    /// What compares all of the stack with what is in AWS.
    pub(super) fn reads(&self) -> Vec<Statement> {
        self.statements(|service| service.reads.to_vec())
    }

    /// The same, and what makes, changes and deletes it, except who may become what. In one statement for each service, since
    /// a role has 10,240 characters for all that it may.
    pub(super) fn reads_and_writes(&self) -> Vec<Statement> {
        self.statements(|service| [service.reads, service.writes].concat())
    }

    /// ARNs of all the stack's resources that are `resource`, like `role/STACK-*` of IAM.
    pub(super) fn in_iam(&self, resource: &str) -> Vec<Text> {
        self.all(&Prefix::Iam, resource).collect()
    }

    /// ARNs of all the stack's resources that are `resource` of a `service` that has regions, like `table/STACK-*`.
    pub(super) fn in_region(&self, service: &'static str, resource: &str) -> Vec<Text> {
        self.all(&Prefix::Regional(service), resource).collect()
    }

    /// ARN of the stack's roles of GitHub, of their bounds, and of the account's trust in GitHub.
    pub(super) fn out_of_reach(&self) -> [Text; 4] {
        ["role/STACK-preview", "role/STACK-deploy", "policy/STACK-boundary", "oidc-provider/ISSUER"]
            .map(|resource| self.arn(&Prefix::Iam, resource))
    }

    fn statements(&self, actions: impl Fn(&Service) -> Vec<&'static str>) -> Vec<Statement> {
        let services = SERVICES.iter().filter(|service| !actions(service).is_empty());
        services.map(|service| Statement::allow(actions(service), self.arns(service))).collect()
    }

    fn arns(&self, service: &Service) -> Vec<Text> {
        if service.resources.is_empty() {
            return vec!["*".into()];
        }
        service.resources.iter().flat_map(|resource| self.all(&service.prefix, resource)).collect()
    }

    /// What begins as the stack's names do, and what has a name of its own.
    fn all<'b>(&'b self, prefix: &'b Prefix, resource: &'b str) -> impl Iterator<Item = Text> {
        let given = self.names.iter().flat_map(|names| names.given());
        let given = given.filter(move |(named, _)| Some(*named) == named_by(resource));
        let given = given.map(move |(_, name)| self.arn(prefix, &resource.replace("STACK-*", name)));
        iter::once(self.arn(prefix, resource)).chain(given)
    }

    fn arn(&self, prefix: &Prefix, resource: &str) -> Text {
        let resource = resource
            .replace("STACK-", &self.stack.name(""))
            .replace("NAME", &self.stack.to_string())
            .replace("ISSUER", super::ISSUER);
        match prefix {
            Prefix::Regional(service) => format!("arn:aws:{service}:{}:*:{resource}", self.region.name()),
            Prefix::Iam => format!("arn:aws:iam::*:{resource}"),
            Prefix::S3 => format!("arn:aws:s3:::{resource}"),
        }
        .into()
    }
}

/// Whose names a resource has that begins as the stack's do.
fn named_by(resource: &str) -> Option<Named> {
    match resource {
        "repository/STACK-*" => Some(Named::Repository),
        "role/STACK-*" => Some(Named::Role),
        "function:STACK-*" | "log-group:/aws/lambda/STACK-*" => Some(Named::Function),
        "table/STACK-*" => Some(Named::Table),
        _ => None,
    }
}
