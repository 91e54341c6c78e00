//! Where the images of one function are kept.

use crate::aws::ecr::{
    ImageScanning, Lifecycle, LifecycleAction, LifecyclePolicy, LifecycleRule, LifecycleSelection,
    Repository, TagMutability, TagStatus,
};
use crate::names::{Named, Names};
use crate::template::{Handle, Json, Program};
use crate::values::StackName;

/// How many images stay: the one in use, the one before to go back to, and one that is being pushed.
const IMAGES_KEPT: u32 = 3;

/// Repository -> what it throws away.
///
/// Every image can be built again from its commit, to the same digest. So nothing here is protected, and the
/// repository is deleted with its images: `pulumi destroy` leaves nothing behind. Lambda itself adds its
/// permission to pull to the repository's policy when a function is created from it.
pub fn declare(program: &mut Program, stack: &StackName, names: &Names) -> Handle<Repository> {
    let function = names.component();
    let repository = program.declare(
        format!("{function}Repository"),
        &Repository {
            name: names.of(stack, Named::Repository).into(),
            image_tag_mutability: TagMutability::Immutable,
            image_scanning_configuration: ImageScanning { scan_on_push: true },
            force_delete: true,
        },
    );
    program.declare(
        format!("{function}ImageExpiry"),
        &LifecyclePolicy {
            repository: repository.name().into(),
            policy: Json(Lifecycle {
                rules: vec![LifecycleRule {
                    rule_priority: 1,
                    description: format!("keep the newest {IMAGES_KEPT} images").into(),
                    selection: LifecycleSelection::ImageCountMoreThan {
                        tag_status: TagStatus::Any,
                        count_number: IMAGES_KEPT,
                    },
                    action: LifecycleAction::Expire,
                }],
            }),
        },
    );
    repository
}
