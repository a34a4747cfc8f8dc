//! What a connector is asked for on its page of the console.

use protocol::request::{Failure, FailureKind, Operation};
use registry::LogQuery;
use site::Unanswered;

use crate::asked::REPORT;
use crate::bench::{Bench, Customer};
use crate::browser::Browser;
use crate::console_pages::signed_in;

const PRECHECKS: &str = "/console/connectors/prechecks";
const DOWNLOAD: &str = "/console/connectors/report";

/// A connector in contact, whose page is open.
async fn open<'a>(bench: &'a Bench, owner: &Customer) -> (Browser<'a>, String) {
    let connector = bench.connector(&owner.tenant, "ca-1").await;
    bench.hear(&connector, bench.now(), "1.2.3.4").await;
    let mut browser = signed_in(bench, owner).await;
    let page = browser.get(&format!("/console/connectors/details?id={}", connector.id)).await;
    for form in [PRECHECKS, DOWNLOAD] {
        assert!(page.text.contains(&format!("action=\"{form}\"")), "{form}: {}", page.text);
    }
    (browser, connector.id)
}

/// Events of the log, the newest first.
async fn events(bench: &Bench, owner: &Customer) -> Vec<&'static str> {
    let query = LogQuery { limit: 10, ..LogQuery::default() };
    let page = owner.tenant.log(&query, bench.now()).await.unwrap();
    page.records.iter().map(|record| record.event.id()).collect()
}

database::on_both! {
    async fn prechecks_are_run_shown_with_remedies_and_noted(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (mut browser, id) = open(&bench, &owner).await;
        let page = browser.post(PRECHECKS, &[("id", &id)]).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for shown in [
            "The prechecks are done",
            "1 check needs attention",
            "DNS server 10.0.0.1",
            "Passed",
            "Needs attention",
            "There is no gateway, so only the own network is reached.",
            "Set one under Network settings",
        ] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let order = bench.orders.lock().unwrap().remove(0);
        assert_eq!((order.operation, order.connector), (Operation::Prechecks, Some(id)));
        assert_eq!(events(&bench, &owner).await[0], "connector/prechecks");
        let again = browser.get(PRECHECKS).await;
        assert_eq!(again.status, 405, "nothing is run by a link");
    }

    async fn report_is_handed_on_as_a_file_and_noted(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (mut browser, id) = open(&bench, &owner).await;
        let file = browser.post(DOWNLOAD, &[("id", &id)]).await;
        assert_eq!((file.status, file.text.as_str()), (200, REPORT));
        assert_eq!(file.headers["content-type"], "application/zip");
        assert_eq!(file.headers["cache-control"], "no-store");
        let disposition = file.headers["content-disposition"].to_str().unwrap();
        assert_eq!(disposition, "attachment; filename=\"report-ca-1-20261115T000000Z.zip\"");
        assert_eq!(events(&bench, &owner).await[0], "connector/report");
        assert_eq!(browser.get(&format!("{DOWNLOAD}?id={id}")).await.status, 405, "nor made by a link");
    }

    async fn connectors_that_do_not_answer_are_explained(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (mut browser, id) = open(&bench, &owner).await;
        let failed = |kind| Unanswered::Failed(Failure { kind, detail: "<disk> full".to_owned() });
        let before = events(&bench, &owner).await.len();
        for (cause, words) in [
            (Unanswered::NobodyThere, "The connector is not connected, so nothing was asked of it."),
            (Unanswered::Busy, "as much to do as it can"),
            (failed(FailureKind::Busy), "as much to do as it can"),
            (Unanswered::Deadline, "did not answer in time"),
            (failed(FailureKind::Deadline), "did not answer in time"),
            (Unanswered::InDoubt, "was lost on the way"),
            (failed(FailureKind::Unknown), "was lost on the way"),
            (failed(FailureKind::Unsupported), "Install a newer image and register it."),
            (failed(FailureKind::Internal), "answered that it cannot"),
            (failed(FailureKind::Refused), "&#60;disk&#62; full"),
            (Unanswered::Unavailable("none".to_owned()), "No gateway could take the request."),
        ] {
            for path in [PRECHECKS, DOWNLOAD] {
                *bench.unanswered.lock().unwrap() = Some(cause.clone());
                let page = browser.post(path, &[("id", &id)]).await;
                assert_eq!(page.status, 422, "{cause:?}: {}", page.text);
                let alert = page.text.split("role=\"alert\"").nth(1).unwrap_or_default();
                assert!(alert.contains(words), "{cause:?}: {}", page.text);
                assert!(page.text.contains("ca-1"), "the page of the connector stays");
            }
        }
        assert_eq!(events(&bench, &owner).await.len(), before, "what was not done is not noted");
        bench.hear(&owner.tenant.connector(&id).await.unwrap(), bench.now(), "1.2.3.4").await;
        assert_eq!(browser.post(PRECHECKS, &[("id", &id)]).await.status, 200, "again");
    }

    async fn a_connector_that_is_gone_or_revoked_is_not_asked(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (mut browser, id) = open(&bench, &owner).await;
        let change = registry::Change::by_system(bench.now());
        owner.tenant.revoke_connector(&id, &change).await.unwrap();
        for path in [PRECHECKS, DOWNLOAD] {
            assert_eq!(browser.post(path, &[("id", &id)]).await.status, 422, "{path}");
            assert_eq!(browser.post(path, &[("id", "nobody")]).await.status, 404, "{path}");
            browser.get("/console/account").await;
        }
        assert!(bench.orders.lock().unwrap().is_empty());
    }
}
