//! What each resource says, in the shapes that scripts know.

use registry::{Access, Change, Right};
use serde_json::{Value, json};

use crate::bench::{AWAY, Bench, NOW};

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

database::on_both! {
    async fn resource_locations_have_the_documented_shape(database: &Database) {
        let bench = Bench::new(database).await;
        let token = &bench.customer("Owner").await.token;
        let body = json!({"name": "Berlin", "timeZone": "W. Europe Standard Time"});
        let made = bench.call(token, "POST", "/resourcelocations/", Some(&body)).await;
        assert_eq!(made.status, 200, "not 201");
        let made = made.json();
        assert_eq!(made["name"], "Berlin");
        assert_eq!((&made["internalOnly"], &made["readOnly"]), (&json!(false), &json!(false)));
        let path = format!("/resourcelocations/{}", made["id"].as_str().unwrap());
        assert_eq!(bench.get(token, &path).await.json(), made);
        let listed = bench.get(token, "/resourcelocations").await.json();
        assert_eq!(listed, json!({"items": [made]}));
        let mut whole = made.clone();
        whole["name"] = json!("Bonn");
        let updated = bench.call(token, "PUT", &path, Some(&whole)).await.json();
        assert_eq!(updated, whole, "what was read can be sent back");
        assert_eq!(bench.call(token, "DELETE", &path, None).await.status, 204);
        assert_eq!(bench.get(token, &path).await.parameter("entityType").unwrap(), "ResourceLocation");
    }

    async fn bad_locations_are_explained(database: &Database) {
        let bench = Bench::new(database).await;
        let token = &bench.customer("Owner").await.token;
        let post = async |body: Value| {
            let reply = bench.call(token, "POST", "/resourcelocations", Some(&body)).await;
            (reply.status, reply.kind(), reply.parameter("reason"))
        };
        let told = |status: u16, kind: &str, reason: Option<&str>| {
            (status, kind.to_owned(), reason.map(str::to_owned))
        };
        assert_eq!(post(json!({})).await, told(400, "common/missing", None));
        assert_eq!(post(json!({"name": " "})).await, told(400, "common/missing", Some("emptyName")));
        assert_eq!(post(json!({"name": "a/b"})).await, told(400, "common/invalidString", Some("forbiddenCharacter")));
        assert_eq!(post(json!({"name": "x".repeat(300)})).await, told(400, "common/tooLong", Some("nameTooLong")));
        assert_eq!(post(json!({"name": "A", "timeZone": "Asia/Tokyo"})).await, told(400, "common/invalidEnum", Some("unknownTimeZone")));
        assert_eq!(post(json!({"name": "A", "internalOnly": "yes"})).await, told(400, "cloud/invalidBoolean", None));
        assert_eq!(post(json!({"name": "A", "readonly": true})).await, told(400, "cloud/unknownProperty", None));
        assert_eq!(post(json!({"name": "a\0b"})).await, told(400, "common/invalidString", None));
        assert_eq!(post(json!({"name": "A"})).await.0, 200);
        assert_eq!(post(json!({"name": "a"})).await, told(409, "cloud/conflict", Some("nameTaken")));
    }

    async fn location_with_connectors_stays_and_says_why(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let connector = bench.connector(&owner.tenant, "ca1").await;
        let path = format!("/resourcelocations/{}", connector.location);
        let reply = bench.call(&owner.token, "DELETE", &path, None).await;
        assert_eq!((reply.status, reply.kind()), (409, "common/optimisticConcurrency".to_owned()));
        assert!(reply.json()["detail"].as_str().unwrap().contains("still has 1 connectors"));
        let removed = bench.call(&owner.token, "DELETE", &format!("/connectors/{}", connector.id), None).await;
        assert_eq!((removed.status, removed.json()), (200, json!(true)), "a bare boolean");
        assert_eq!(bench.call(&owner.token, "DELETE", &path, None).await.status, 204);
    }

    async fn connectors_have_sixteen_members_and_edge_servers_twenty_one(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let made = bench.connector(&owner.tenant, "ca1.example.com").await;
        bench.hear(&made, NOW, "4.354.0.60932").await;
        let list = bench.get(&owner.token, "/connectors").await.json();
        let mut expected = vec![
            "connectorType", "currentBootstrapperVersion", "currentVersion",
            "expectedBootStrapperVersion", "expectedVersion", "fqdn", "id", "inMaintenance",
            "lastContactDate", "leaseEndDateTime", "location", "role", "status", "upgradeDisabled",
            "versionState", "windowsSid",
        ];
        assert_eq!(members(&list[0]), expected);
        assert_eq!(list[0]["fqdn"], "ca1.example.com");
        assert_eq!(list[0]["connectorType"], "Unified");
        assert_eq!(list[0]["status"], "Connected");
        assert_eq!(list[0]["lastContactDate"], "2026-11-15T00:00:00.000Z");
        let path = format!("/{}/EdgeServers", owner.tenant.id());
        assert_eq!(bench.get(&owner.token, &path).await.json(), list);
        let detail = bench.get(&owner.token, &format!("{path}/{}", made.id)).await.json();
        expected.extend(["failedUpgradeReason", "lastUpgradeCompletedDate", "lastUpgradeDate",
            "upgradingStatus", "upgradingVersion"]);
        expected.sort_unstable();
        assert_eq!(members(&detail), expected);
        bench.pass(91);
        let list = bench.get(&owner.token, "/connectors/").await.json();
        assert_eq!(list[0]["status"], "Disconnected");
    }

    async fn connectors_are_filtered(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let first = bench.connector(&owner.tenant, "ca1").await;
        bench.connector(&owner.tenant, "ca2").await;
        let count = async |query: String| {
            let reply = bench.get(&owner.token, &format!("/connectors?{query}")).await;
            match reply.status {
                200 => Ok(reply.json().as_array().unwrap().len()),
                _ => Err(reply.kind()),
            }
        };
        assert_eq!(count(format!("Location={}", first.location)).await, Ok(1));
        assert_eq!(count("location=nowhere&ExtendedData=true".into()).await, Ok(0));
        for (kind, expected) in [("", 2), ("Unified", 2), ("unified", 2), ("All", 2), ("Windows", 0)] {
            assert_eq!(count(format!("ConnectorType={kind}")).await, Ok(expected), "{kind}");
        }
        assert_eq!(count("connectorType=Mac".into()).await, Err("common/invalidEnum".into()));
        assert_eq!(count("RetrieveExpectedVersion=True".into()).await, Ok(2));
        let flag = count("RetrieveExpectedVersion=null".into()).await;
        assert_eq!(flag, Err("cloud/invalidBoolean".into()));
        let long = format!("Location={}", "x".repeat(257));
        assert_eq!(count(long).await, Err("common/tooLong".into()));
        assert_eq!(count("Location=%00".into()).await, Err("common/invalidString".into()));
    }

    async fn maintenance_windows_are_set_and_removed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let location = bench.connector(&owner.tenant, "ca1").await.location;
        let window = |day: &str, start: &str, order: &str| {
            json!({"location": location, "dayOfWeek": day, "start": start, "order": order})
        };
        let read = async || bench.get(&owner.token, "/maintenance/").await.json();
        assert_eq!(read().await, json!([window("Undefined", "00:00:00", "Normal")]));
        let friday = window("Friday", "12:00:00", "Early");
        let set = bench.call(&owner.token, "POST", "/maintenance", Some(&friday)).await;
        assert_eq!((set.status, set.json()), (200, friday.clone()));
        assert_eq!(read().await, json!([friday]));
        let path = format!("/maintenance/{location}");
        let daily = json!({"dayOfWeek": "Everyday", "start": "3:30"});
        let set = bench.call(&owner.token, "PUT", &path, Some(&daily)).await;
        assert_eq!(set.json(), window("Everyday", "03:30:00", "Normal"));
        for (body, kind) in [
            (window("Someday", "12:00:00", "Early"), "common/invalidEnum"),
            (window("Friday", "25:00:00", "Early"), "common/outOfRange"),
            (window("Friday", "12:00:00", "First"), "common/invalidEnum"),
            (json!({"location": location, "start": "12:00"}), "common/missing"),
            (json!({"location": "nowhere", "dayOfWeek": "Friday", "start": "12:00"}), "common/notFound"),
            (json!({"location": "nowhere", "dayOfWeek": "Undefined", "start": "0:00"}), "common/notFound"),
        ] {
            let reply = bench.call(&owner.token, "POST", "/maintenance", Some(&body)).await;
            assert_eq!(reply.kind(), kind, "{body}");
        }
        for _ in 0..2 {
            let none = json!({"dayOfWeek": "Undefined", "start": "00:00:00"});
            let set = bench.call(&owner.token, "PUT", &path, Some(&none)).await;
            assert_eq!((set.status, &set.json()["dayOfWeek"]), (200, &json!("Undefined")));
        }
        assert_eq!(bench.call(&owner.token, "DELETE", &path, None).await.status, 404);
    }

    async fn system_log_is_paged_and_filtered(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        for name in ["A", "B", "C"] {
            bench.pass(60);
            let body = json!({"name": name});
            bench.call(&owner.token, "POST", "/resourcelocations", Some(&body)).await;
        }
        let first = bench.get(&owner.token, "/systemlog/records?Limit=2").await.json();
        let record = &first["Items"][0];
        for (member, value) in [
            ("EventType", "resourcelocation/create"),
            ("TargetDisplayName", "C"),
            ("TargetType", "ResourceLocation"),
            ("ActorType", "Client"),
            ("ActorDisplayName", "CI"),
            ("CustomerId", owner.tenant.id().as_str()),
            ("UtcTimestamp", "2026-11-15T00:03:00.000Z"),
        ] {
            assert_eq!(record[member], value, "{member}");
        }
        assert_eq!(record["AfterChanges"]["name"], "C");
        let token = first["ContinuationToken"].as_str().unwrap();
        let next = bench.get(&owner.token, &format!("/systemlog/records?limit=1&continuationToken={token}")).await.json();
        assert_eq!(next["Items"][0]["TargetDisplayName"], "A");
        let names = async |query: &str| {
            let page = bench.get(&owner.token, &format!("/systemlog/records?{query}")).await.json();
            let name = |item: &Value| item["TargetDisplayName"].as_str().unwrap().to_owned();
            page["Items"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(names("StartDateTime=2026-11-15T00:02:00Z&EndDateTime=2026-11-15T00:03:00Z").await, ["B"]);
        assert_eq!(names("Filter=secureclient/create").await, ["CI"]);
        for (query, kind) in [
            ("StartDateTime=yesterday", "common/invalidString"),
            ("Limit=0", "common/outOfRange"),
            ("Limit=1001", "common/outOfRange"),
            ("Limit=x", "common/outOfRange"),
            ("ContinuationToken=x", "common/invalidString"),
        ] {
            let reply = bench.get(&owner.token, &format!("/systemlog/records?{query}")).await;
            assert_eq!((reply.status, reply.kind().as_str()), (400, kind), "{query}");
        }
    }

    async fn appliance_is_confirmed_and_registered_by_its_code(database: &Database) {
        let bench = Bench::new(database).await;
        let token = &bench.customer("Owner").await.token;
        let (_, code) = bench.appliance("ca1").await;
        let typed = json!({"code": code.to_lowercase()});
        let reply = bench.call(token, "POST", "/registrations/$confirm", Some(&typed)).await;
        let confirmed = reply.json();
        assert_eq!((reply.status, &confirmed["state"]), (200, &json!("Confirmed")));
        assert_eq!((&confirmed["name"], &confirmed["version"]), (&json!("ca1"), &json!("1.2.3.4")));
        assert_eq!(confirmed["securityNumber"], "12-34");
        let path = format!("/registrations/{}", confirmed["id"].as_str().unwrap());
        let register = format!("{path}/$register");
        let reply = bench.call(token, "POST", &register, Some(&json!({}))).await;
        assert_eq!((reply.status, &reply.json()["fqdn"]), (200, &json!("ca1")));
        let again = bench.call(token, "POST", &register, Some(&json!({}))).await;
        assert_eq!((again.status, again.parameter("reason").as_deref()), (409, Some("usedCode")));
        let list = bench.get(token, "/registrations").await.json();
        assert_eq!(list["items"][0]["state"], "Registered");
        assert_eq!(list["items"][0]["decidedBy"], "CI");
        assert_eq!(bench.call(token, "DELETE", &path, None).await.status, 204);
        assert_eq!(bench.get(token, "/registrations").await.json(), json!({"items": []}));
        assert_eq!(bench.get(token, "/connectors").await.json().as_array().unwrap().len(), 1);
    }

    async fn codes_that_do_not_work_say_why(database: &Database) {
        let bench = Bench::new(database).await;
        let token = &bench.customer("Owner").await.token;
        let confirm = async |code: &str| {
            let body = json!({"code": code});
            let reply = bench.call(token, "POST", "/registrations/$confirm", Some(&body)).await;
            (reply.status, reply.parameter("reason").unwrap_or_default())
        };
        assert_eq!(confirm("ABC").await, (400, "noCode".into()));
        assert_eq!(confirm("22222222").await, (404, "unknownCode".into()));
        let (_, away) = bench.appliance(AWAY).await;
        assert_eq!(confirm(&away).await, (409, "unreachable".into()));
        let (refused, code) = bench.appliance("refused").await;
        assert_eq!(confirm(&code).await.0, 200);
        let path = format!("/registrations/{}/$refuse", refused.id);
        assert_eq!(bench.call(token, "POST", &path, None).await.status, 204);
        assert_eq!(confirm(&code).await, (409, "refusedCode".into()));
        let (_, late) = bench.appliance("late").await;
        bench.pass(900);
        assert_eq!(confirm(&late).await, (409, "expiredCode".into()));
    }

    async fn secure_client_that_is_made_works(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let made = bench.call(&owner.token, "POST", "/secureclients", Some(&json!({"name": "New"}))).await;
        let (id, secret) = (made.json()["id"].clone(), made.json()["secret"].clone());
        let secret = model::secret::Secret::new(secret.as_str().unwrap().to_owned());
        let issued = bench.registry.issue_token(id.as_str().unwrap(), &secret, None, NOW).await.unwrap();
        assert_eq!(bench.get(issued.0.expose(), "/connectors").await.status, 200);
        let list = bench.get(&owner.token, "/secureclients").await;
        assert!(!list.text.contains(secret.expose()), "shown once");
        assert_eq!(list.json()["items"].as_array().unwrap().len(), 2);
    }

    async fn custom_access_sees_and_revokes_own_clients_only(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let custom = Access::Custom([Right::SecureClients].into());
        let bob = bench.administrator(&owner.tenant, "bob@example.com", custom).await;
        let (own, _, token) = bench.client(&owner.tenant, &bob).await;
        let list = bench.get(&token, "/secureclients").await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let theirs = format!("/secureclients/{}", owner.client);
        assert_eq!(bench.call(&token, "DELETE", &theirs, None).await.status, 404);
        let made = bench.call(&token, "POST", "/secureclients", Some(&json!({"name": "More"}))).await;
        assert_eq!(made.json()["createdBy"], "bob@example.com");
        assert_eq!(bench.call(&token, "DELETE", &format!("/secureclients/{own}"), None).await.status, 204);
    }

    async fn administrators_are_invited_and_the_last_stays(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let body = json!({"email": "eve@example.com", "access": "Custom", "rights": ["Domains", "SystemLog"]});
        let invited = bench.call(&owner.token, "POST", "/administrators", Some(&body)).await.json();
        assert_eq!((&invited["status"], &invited["access"]), (&json!("Invite Sent"), &json!("Custom")));
        assert_eq!(invited["rights"], json!(["Domains", "SystemLog"]));
        assert!(invited["invitation"].as_str().unwrap().len() > 40);
        bench.pass(5 * 86_400 - 3600);
        let (_, _, token) = bench.client(&owner.tenant, &owner.administrator).await;
        bench.pass(3599);
        let path = format!("/administrators/{}", invited["id"].as_str().unwrap());
        assert_eq!(bench.get(&token, &path).await.json()["status"], "Invite Sent");
        let issued = bench.registry.issue_token(&owner.client, &owner.secret, None, bench.now()).await;
        let token = issued.unwrap().0;
        bench.pass(1);
        assert_eq!(bench.get(token.expose(), &path).await.json()["status"], "Expired");
        let own = format!("/administrators/{}", owner.administrator.id);
        let reply = bench.call(token.expose(), "DELETE", &own, None).await;
        assert_eq!((reply.status, reply.parameter("reason").as_deref()), (409, Some("lastFullAdministrator")));
        for (body, kind) in [
            (json!({"email": "x"}), "common/invalidString"),
            (json!({"email": "x@example.com", "access": "Half"}), "common/invalidEnum"),
            (json!({"email": "x@example.com", "access": "Custom"}), "common/missing"),
            (json!({"email": "x@example.com", "rights": ["Everything"]}), "common/invalidEnum"),
            (json!({"email": "x@example.com", "access": "Full", "rights": []}), "common/invalidString"),
            (json!({"email": "EVE@example.com"}), "cloud/conflict"),
        ] {
            let reply = bench.call(token.expose(), "POST", "/administrators", Some(&body)).await;
            assert_eq!(reply.kind(), kind, "{body}");
        }
    }

    async fn domains_show_their_connectors(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let made = bench.connector(&owner.tenant, "ca1").await;
        let domain = ("example.com".to_owned(), "example.com".to_owned(), false);
        owner.tenant.report_domains(&made.id, &[domain], NOW).await.unwrap();
        let read = bench.get(&owner.token, "/domains/Example.com").await.json();
        assert_eq!(read["connectors"][0]["id"], json!(made.id));
        assert_eq!(read["connectors"][0]["healthy"], json!(false));
        let body = json!({"servedBy": "Windows", "enabled": false});
        let updated = bench.call(&owner.token, "PUT", "/domains/example.com", Some(&body)).await.json();
        assert_eq!((&updated["servedBy"], &updated["enabled"]), (&json!("Windows"), &json!(false)));
        let body = json!({"servedBy": "Mac"});
        let reply = bench.call(&owner.token, "PUT", "/domains/example.com", Some(&body)).await;
        assert_eq!(reply.kind(), "common/invalidEnum");
    }

    async fn notifications_are_shown_to_their_administrator(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let content = json!([{"languageTag": "ja", "title": "接続なし", "description": "確認"}]);
        for destination in ["*", owner.administrator.id.as_str(), "somebody-else"] {
            let body = json!({
                "destinationAdmin": destination, "component": "C", "eventId": "e",
                "createdDate": "2020-01-01", "severity": "Error", "priority": "High", "content": content,
            });
            let path = format!("/{}/notifications/items", owner.tenant.id());
            assert_eq!(bench.call(&owner.token, "POST", &path, Some(&body)).await.status, 204);
        }
        let list = bench.get(&owner.token, "/notifications").await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        assert_eq!(list["items"][0]["content"], content);
        assert_eq!(list["items"][0]["createdDate"], "2026-11-15T00:00:00.000Z", "our clock");
        let path = format!("/notifications/{}", list["items"][0]["id"].as_str().unwrap());
        assert_eq!(bench.call(&owner.token, "DELETE", &path, None).await.status, 204);
        assert_eq!(bench.call(&owner.token, "DELETE", &path, None).await.status, 404);
        let body = json!({"component": "C", "eventId": "e", "severity": "Bad", "content": content});
        let reply = bench.call(&owner.token, "POST", "/notifications/items", Some(&body)).await;
        assert_eq!(reply.kind(), "common/invalidEnum");
    }

    async fn records_say_who_and_what(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let change = Change::by_system(NOW);
        owner.tenant.set_inactivity(Some(600), &change).await.unwrap();
        let log = bench.get(&owner.token, "/systemlog/records?Limit=1").await.json();
        assert_eq!(log["Items"][0]["ActorDisplayName"], "CwcSystem");
        assert_eq!(log["Items"][0]["MessageEn"], "Inactivity timeout updated");
        assert_eq!(log["Items"][0]["BeforeChanges"], Value::Null);
    }
}
