//! The database is away: what was checked before goes on for a while.

use database::{Database, Postgres};
use site::TOKEN_GRACE_SECONDS;

use crate::asked::lookup;
use crate::bench::Bench;

#[tokio::test]
async fn known_tokens_outlive_an_outage_of_the_database_for_a_quarter_of_an_hour() {
    let mut database = Database::Postgres(Postgres::start().unwrap());
    let bench = Bench::new(&database).await;
    let owner = bench.customer("Owner").await;
    let unseen = bench.client(&owner.tenant, &owner.administrator).await.2;
    assert_eq!(bench.get(&owner.token, "/connectors").await.status, 200);
    let Database::Postgres(server) = &mut database else { unreachable!() };
    server.stop();
    // 503 and not 401 behind the token: the list needs the database, the check of the token does not.
    bench.pass(TOKEN_GRACE_SECONDS - 1);
    let known = bench.get(&owner.token, "/connectors").await;
    assert_eq!((known.status, known.kind().as_str()), (503, "common/serviceUnavailable"));
    let reply = bench.call(&owner.token, "PATCH", "/connectors", None).await;
    assert_eq!(reply.status, 405, "the caller is known");
    let reply = bench.call(&unseen, "PATCH", "/connectors", None).await;
    assert_eq!(reply.status, 503, "nobody can say whose token it is");
    bench.pass(1);
    let reply = bench.call(&owner.token, "PATCH", "/connectors", None).await;
    assert_eq!(reply.status, 503, "the time of grace is over");
    server.resume().unwrap();
    assert_eq!(bench.get(&owner.token, "/connectors").await.status, 200);
}

#[tokio::test]
async fn lookups_in_known_locations_go_on_without_the_database() {
    let mut database = Database::Postgres(Postgres::start().unwrap());
    let bench = Bench::new(&database).await;
    let owner = bench.customer("Owner").await;
    let known = bench.connector(&owner.tenant, "ca-1").await.location;
    let unseen = bench.connector(&owner.tenant, "ca-2").await.location;
    let look_up = async |location: &str| {
        let path = format!("/resourcelocations/{location}/directory/$lookup");
        let body = lookup("corp.example.com");
        bench.call(&owner.token, "POST", &path, Some(&body)).await.status
    };
    assert_eq!(look_up(&known).await, 200);
    let Database::Postgres(server) = &mut database else { unreachable!() };
    server.stop();
    assert_eq!(look_up(&known).await, 200);
    assert_eq!(look_up(&unseen).await, 503, "nobody can say whose location it is");
    bench.pass(TOKEN_GRACE_SECONDS - 1);
    assert_eq!(look_up(&known).await, 200);
    bench.pass(1);
    assert_eq!(look_up(&known).await, 503, "the time of grace is over");
}
