//! Whether what is there can be the stack's as it is: where AWS lets something be changed, `pulumi up` changes it; where it
//! does not, it would be deleted and made anew.

use aws::dynamodb::Description;

/// What there is of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// None.
    Nothing,
    /// One that the stack can have; of a permission, the statement's id.
    Fits(Option<String>),
    /// One that it cannot have, and why.
    Unfit(String),
}

/// A role keeps its path, and the stack's are at `/`.
pub(super) fn role(path: &str) -> Found {
    if path == "/" {
        return Found::Fits(None);
    }
    Found::Unfit(format!("it is at the path {path}, and a role cannot leave its path"))
}

/// A function of a zip stays one.
pub(super) fn function(package_type: &str) -> Found {
    if package_type == "Image" {
        return Found::Fits(None);
    }
    Found::Unfit("it is a zip, and Lambda cannot make an image of it".to_owned())
}

/// An account trusts somebody once, for all who make use of that.
pub(super) fn shared() -> Found {
    Found::Unfit("others may make use of it too, and it would go with the stack".to_owned())
}

/// A table keeps its key; what else there is to one, the stack would take away.
pub(super) fn table(table: &Description) -> Found {
    let key: Vec<String> = table.key.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
    if key != ["user (S)"] {
        let key = key.join(" and ");
        return Found::Unfit(format!("its key is {key}, not the text `user`, and a table keeps its key"));
    }
    if !table.indexes.is_empty() {
        let indexes = table.indexes.join(", ");
        return Found::Unfit(format!("it has indexes, which the stack would delete: {indexes}"));
    }
    if table.has_stream {
        return Found::Unfit("its changes are told as a stream, which the stack would switch off".to_owned());
    }
    Found::Fits(None)
}
