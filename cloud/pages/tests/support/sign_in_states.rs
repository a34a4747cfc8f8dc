//! Signing in, the first sign-in, one's own account, errors.

use pages::{
    Access, Account, AccountNotice, AccountProblem, BackupCodes, BackupOccasion, ChooseCustomer,
    CodeProblem, CustomerChoice, ErrorKind, ErrorPage, Factor, PasswordOccasion, PasswordProblem,
    Right, SecondStep, SetPassword, SetUpTotp, SignIn, SignInError, SignInNotice,
};

use super::{DAY, HOUR, NOW, World};

pub(crate) fn add(world: World, list: &mut Vec<(String, String)>) {
    sign_in(world, list);
    second_step(world, list);
    first_sign_in(world, list);
    account(world, list);
    errors(world, list);
}

fn sign_in(world: World, list: &mut Vec<(String, String)>) {
    let page = |error, notice| {
        pages::sign_in(&SignIn {
            frame: world.outside("/console/sign-in"),
            email: world.name("y.tanaka@example.com"),
            next: Some(world.name("/console/connectors")),
            error,
            notice,
        })
    };
    list.push(("sign-in".into(), page(None, None)));
    let errors = [
        ("missing", SignInError::Missing),
        ("wrong", SignInError::Wrong),
        ("too-soon", SignInError::TooSoon { wait_seconds: 42 }),
        ("session-idle", SignInError::SessionIdle),
        ("session-too-long", SignInError::SessionTooLong),
        ("session-ended", SignInError::SessionEnded),
        ("form-expired", SignInError::FormExpired),
    ];
    for (name, error) in errors {
        list.push((format!("sign-in-{name}"), page(Some(error), None)));
    }
    for (name, notice) in
        [("out", SignInNotice::SignedOut), ("password", SignInNotice::PasswordChanged)]
    {
        list.push((format!("sign-in-notice-{name}"), page(None, Some(notice))));
    }
}

fn second_step(world: World, list: &mut Vec<(String, String)>) {
    let page = |factor, problem| {
        pages::second_step(&SecondStep {
            frame: world.outside("/console/sign-in/code"),
            email: world.name("y.tanaka@example.com"),
            factor,
            problem,
        })
    };
    list.push(("second-step".into(), page(Factor::App, None)));
    list.push(("second-step-backup".into(), page(Factor::BackupCode, None)));
    for (name, problem) in code_problems() {
        list.push((format!("second-step-{name}"), page(Factor::App, Some(problem))));
    }
    let wrong = page(Factor::BackupCode, Some(CodeProblem::Wrong));
    list.push(("second-step-backup-wrong".into(), wrong));
    let customers = [("Example Corp", "ex4mple"), ("Example Manufacturing", "m4nuf")];
    let customers =
        customers.map(|(name, id)| CustomerChoice { id: world.name(id), name: world.name(name) });
    let frame = world.outside("/console/sign-in/customer");
    let html = pages::choose_customer(&ChooseCustomer { frame, customers: customers.into() });
    list.push(("choose-customer".into(), html));
}

fn code_problems() -> [(&'static str, CodeProblem); 4] {
    [
        ("missing", CodeProblem::Missing),
        ("wrong", CodeProblem::Wrong),
        ("too-soon", CodeProblem::TooSoon { wait_seconds: 30 }),
        ("form-expired", CodeProblem::FormExpired),
    ]
}

fn first_sign_in(world: World, list: &mut Vec<(String, String)>) {
    let page = |occasion, problems| {
        pages::set_password(&SetPassword {
            frame: world.outside("/console/invitation?token=Zm9v"),
            email: world.name("s.mori@example.com"),
            name: world.name("Sora Mori"),
            occasion,
            problems,
        })
    };
    let invitation = || PasswordOccasion::Invitation {
        token: world.name("Zm9v"),
        customer: world.name("Example Corp"),
    };
    list.push(("set-password".into(), page(invitation(), Vec::new())));
    let many = vec![
        PasswordProblem::Name,
        PasswordProblem::TooShort,
        PasswordProblem::NoUpperCase,
        PasswordProblem::NoLowerCase,
        PasswordProblem::NoDigit,
        PasswordProblem::NoSymbol,
        PasswordProblem::Mismatch,
    ];
    list.push(("set-password-problems".into(), page(invitation(), many)));
    let others = vec![
        PasswordProblem::WrongCurrent,
        PasswordProblem::TooLong,
        PasswordProblem::IsCurrent,
        PasswordProblem::IsRecent,
        PasswordProblem::LikeUserName,
        PasswordProblem::IsLeaked,
        PasswordProblem::FormExpired,
        PasswordProblem::NotStored,
    ];
    list.push(("change-password-problems".into(), page(PasswordOccasion::Wish, others)));
    for (name, occasion) in [
        ("wish", PasswordOccasion::Wish),
        ("unused", PasswordOccasion::Unused),
        ("leaked", PasswordOccasion::Leaked),
    ] {
        list.push((format!("change-password-{name}"), page(occasion, Vec::new())));
    }
    let totp = |problem| {
        pages::set_up_totp(&SetUpTotp {
            frame: world.outside("/console/set-up-totp"),
            email: world.name("s.mori@example.com"),
            uri: "otpauth://totp/Example:s.mori%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example".into(),
            key: world.name("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
            problem,
        })
    };
    list.push(("set-up-totp".into(), totp(None)));
    list.push(("set-up-totp-wrong".into(), totp(Some(CodeProblem::Wrong))));
    for (name, occasion) in
        [("first", BackupOccasion::First), ("replaced", BackupOccasion::Replaced)]
    {
        let codes = (0..10).map(|index| world.name(&format!("7K{index}QM-4XZP{index}"))).collect();
        let frame = world.outside("/console/set-up-totp");
        let html = pages::backup_codes(&BackupCodes { frame, codes, occasion });
        list.push((format!("backup-codes-{name}"), html));
    }
}

fn account(world: World, list: &mut Vec<(String, String)>) {
    let page = |backup_codes_left, notice, problem| {
        pages::account(&Account {
            frame: world.frame("/console/account"),
            name: world.name("Yuki Tanaka"),
            email: world.name("y.tanaka@example.com"),
            access: Access::Full,
            customer_id: world.name("ex4mple0k2z1"),
            organization_id: world.name("51579061"),
            password_changed: NOW - 40 * DAY,
            session_ends: NOW + 60 * HOUR,
            backup_codes_left,
            notice,
            problem,
            now: NOW,
        })
    };
    list.push(("account".into(), page(8, None, None)));
    list.push(("account-no-codes".into(), page(0, Some(AccountNotice::DeviceChanged), None)));
    for (name, problem) in [
        ("wrong-password", AccountProblem::WrongPassword),
        ("too-soon", AccountProblem::TooSoon { wait_seconds: 16 }),
        ("form-expired", AccountProblem::FormExpired),
    ] {
        list.push((format!("account-{name}"), page(1, None, Some(problem))));
    }
}

fn errors(world: World, list: &mut Vec<(String, String)>) {
    for (name, kind) in [
        ("bad-request", ErrorKind::BadRequest),
        ("forbidden", ErrorKind::Forbidden),
        ("missing-right", ErrorKind::MissingRight(Right::ResourceLocations)),
        ("full-access-needed", ErrorKind::FullAccessNeeded),
        ("not-found", ErrorKind::NotFound),
        ("method", ErrorKind::MethodNotAllowed),
        ("invalid-invitation", ErrorKind::InvalidInvitation),
        ("too-large", ErrorKind::TooLarge),
        ("media-type", ErrorKind::UnsupportedMediaType),
        ("too-many", ErrorKind::TooManyRequests { wait_seconds: 30 }),
        ("internal", ErrorKind::Internal),
        ("unavailable", ErrorKind::Unavailable),
    ] {
        let transaction = kind.status() >= 500;
        let frame = match kind {
            ErrorKind::InvalidInvitation | ErrorKind::Unavailable => world.outside("/console"),
            _ => world.frame("/console"),
        };
        let transaction = transaction.then(|| world.name("5f0c2a9e-3a3e-4e0e-9d0f-6a0b7f6f2c11"));
        list.push((
            format!("error-{name}"),
            pages::error_page(&ErrorPage { frame, kind, transaction }),
        ));
    }
}
