//! The keys that access tokens are signed with, told apart by `kid`.

use super::{Admin, Auth, AuthError};

impl Auth {
    /// Signs with a new key from now on, on every node. What the old one signed stays good until it
    /// expires. Only for keys that are kept in the database.
    pub async fn rotate_signing_key(&self, _: &Admin) -> Result<(), AuthError> {
        todo!()
    }
}
