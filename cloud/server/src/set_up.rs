//! `cloud set-up`: the first customer, so that somebody can sign in at all.

use model::secret::Secret;
use registry::{Access, Change, NewAdministrator};

use crate::arguments::SetUpOptions;
use crate::directory::Directory;
use crate::error::CloudError;
use crate::serve::now;

/// Name of the secure client that is made.
const CLIENT: &str = "First client";
/// Characters of the password, without those that are taken for each other.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Random characters of the password; five bits each.
const PASSWORD_CHARACTERS: usize = 20;

/// Makes customer, administrator and secure client, and gives what the person has to know. It is not
/// stored anywhere.
pub(crate) async fn set_up(options: &SetUpOptions) -> Result<String, CloudError> {
    let directory = Directory::open(&options.state)?;
    let registry = directory.registry(&options.state).await?;
    if !registry.tenants().await?.is_empty() {
        return Err(CloudError::IsSetUp);
    }
    let record = registry.create_tenant(&options.customer, now()).await?;
    let tenant = registry.tenant(&record.id);
    let change = Change::by_system(now());
    let new = NewAdministrator {
        email: options.email.clone(),
        display_name: options.email.clone(),
        access: Access::Full,
    };
    let invitation = tenant.invite(&new, &change).await?;
    let password = password();
    registry.accept_invitation(&invitation.secret, &password, now()).await?;
    let client = tenant.create_client(CLIENT, &invitation.administrator.id, &change).await?;
    registry.close().await;
    Ok(format!(
        "customer       {} ({})\nadministrator  {}\npassword       {}\nclient         {}\nsecret         {}\n",
        record.name,
        record.id,
        options.email,
        password.expose(),
        client.client.id,
        client.secret.expose(),
    ))
}

/// A password that satisfies every rule.
fn password() -> Secret {
    let mut random = [0; PASSWORD_CHARACTERS];
    getrandom::fill(&mut random).expect("the system has random numbers");
    let text = random.iter().map(|octet| char::from(LETTERS[usize::from(octet % 32)]));
    Secret::new(format!("A1-{}", text.collect::<String>()))
}
