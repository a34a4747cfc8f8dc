//! What the pages about Active Directory domains say.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/states.rs"]
mod states;

use model::domain::DomainName;
use webui::{DomainProblem, Language};

fn page(language: Language, name: &str) -> String {
    let found = states::all(language).into_iter().find(|page| page.name == name);
    found.unwrap_or_else(|| panic!("no page {name}")).html
}

#[test]
fn a_name_is_quoted_as_it_was_typed() {
    let problem = DomainProblem::Name(DomainName::parse("CORP").expect_err("no dot"));
    let words = |language| webui::domain_problem(language, &problem);
    let english = words(Language::English);
    assert!(english.contains("\"CORP\" has no dot") && english.contains(" corp.example.com."));
    let japanese = words(Language::Japanese);
    assert!(japanese.contains("「CORP」") && japanese.contains("corp.example.com "));
}

#[test]
fn memberships_have_a_column_only_when_they_were_asked_for() {
    for (language, column) in [(Language::English, "Memberships"), (Language::Japanese, "所属")] {
        let column = format!(">{column}</th>");
        assert!(page(language, "domains-lookup").contains(&column));
        assert!(page(language, "domains-lookup-group").contains(&column));
        let without = page(language, "domains-lookup-last");
        assert!(!without.contains(&column), "{without}");
        let document = html::parse(&without).expect("a page");
        let columns = document.named("th").len() + document.named("td").len();
        assert_eq!(columns, 2 * 3, "three headings, and as many cells");
    }
}

#[test]
fn what_to_do_stands_once_on_the_page_of_a_domain() {
    for language in Language::ALL {
        for name in ["domains-domain-failing", "domains-domain-failing-again"] {
            let html = page(language, name);
            let of = |text: &str| html.matches(text).count();
            assert_eq!(
                of("<code class=\"remedy__id\">") + of("<p class=\"small\"><code>"),
                1,
                "{name}"
            );
            let what_to_do = ["<b>What to do:</b>", "<b>対処方法:</b>"].map(of);
            assert_eq!(what_to_do.iter().sum::<usize>(), 1, "{name}");
            let why = ["Failed ", "に不合格: "].map(of);
            assert!(why.iter().sum::<usize>() > 0, "{name}: the validation says that it failed");
        }
    }
}

#[test]
fn an_account_that_can_be_deleted_is_not_said_to_stay() {
    let question = page(Language::English, "domains-leave");
    assert!(question.contains("Unless you have it deleted here, the machine account"));
    assert!(page(Language::Japanese, "domains-leave").contains("ここで削除しない場合"));
    let deleted = page(Language::English, "domains-left-true");
    assert!(deleted.contains("has been deleted from the domain") && !deleted.contains("stay"));
    let kept = page(Language::English, "domains-left-false");
    assert!(kept.contains("is still in users.example.net, delete it by hand"));
}

#[test]
fn domain_controllers_that_do_not_answer_are_named_with_what_to_do() {
    for (language, silent, ports) in [
        (Language::English, "dc2.users.example.net (10.72.4.12) is silent", "UDP and TCP port 389"),
        (Language::Japanese, "dc2.users.example.net (10.72.4.12) は応答なし", "UDP/TCP ポート 389"),
    ] {
        let page = page(language, "domains-check-warned");
        assert!(page.contains(silent) && page.contains("dc3.users.example.net (10.72.4.13)"));
        assert!(page.contains(ports));
        assert!(page.contains("name=\"machine\""), "the domain can be joined");
    }
}

#[test]
fn a_user_of_another_domain_is_told_to_give_one_of_this() {
    use model::domain::failure::DomainFailure;
    let domain = DomainName::parse("corp.example.com").expect("a name");
    for user in ["OTHER\\admin", "admin@child.corp.example.com"] {
        let failure = DomainFailure::ForeignSuffix { user: user.into(), domain: domain.clone() };
        let (headline, next) = webui::domain_failure(Language::English, &failure);
        assert!(headline.contains(user) && next.contains("a user of corp.example.com"), "{next}");
        assert_eq!(headline.contains('@'), user.contains('@'), "{headline}");
        let (_, next) = webui::domain_failure(Language::Japanese, &failure);
        assert!(next.contains("corp.example.com のユーザー"), "{next}");
    }
}
