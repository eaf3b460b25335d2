//! The secrets of second factors: nothing in the clear where others read, and keys that rotate.

use base64::{Engine, prelude::BASE64_STANDARD};
use data_encoding::BASE32_NOPAD;
use entity::{audit_entry, recovery_code, second_factor, server_secret, signing_key};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use store::SecretKeys;
use tests::{App, Backend, TestDatabase, both, world::PASSWORD};

use super::{Authenticator, confirmed, next_step, own, set_up, signs_in};
use crate::{
    administration::{attempt, text},
    parties::{audited, outcome},
};

both! {
    /// Neither the secret, nor what unlocks anything, stands where others read: not in the audit log, not in receipts, not in
    /// the database.
    async fn nothing_of_it_is_kept_in_the_clear(app: App) {
        let manager = app.sign_in("fgw-manager").await;
        let answer = own(&manager, "beginSecondFactor", json!({ "currentPassword": PASSWORD })).await;
        let secret = text(answer.data("/beginSecondFactor/secret"));
        let authenticator = Authenticator::of(answer.data("/beginSecondFactor/uri").as_str().unwrap());
        assert_eq!(BASE32_NOPAD.encode(&authenticator.0), secret);
        let used = authenticator.shows(&app, 0);
        let codes = confirmed(&manager, &used).await;
        next_step(&app);
        let (next, wrong) = (authenticator.shows(&app, 0), authenticator.wrong(&app));
        signs_in(&app, "fgw-manager", Some(&wrong)).await;
        signs_in(&app, "fgw-manager", Some(&next)).await;
        signs_in(&app, "fgw-manager", Some(&codes[0])).await;
        own(&manager, "endSecondFactor", json!({ "currentPassword": "wrong password", "code": codes[1] })).await;
        own(&manager, "endSecondFactor", json!({ "currentPassword": PASSWORD, "code": wrong })).await;
        let db = app.database.connect().await;
        let entries = audit_entry::Entity::find().all(&db).await.unwrap();
        let mut told = serde_json::to_string(&entries.iter().map(|entry| (&entry.changes, &entry.object_type, &entry.request_id)).collect::<Vec<_>>()).unwrap();
        let kept = second_factor::Entity::find().one(&db).await.unwrap().unwrap();
        assert!(!kept.secret.windows(authenticator.0.len()).any(|part| part == authenticator.0));
        assert_eq!(kept.secret.len(), 12 + 20 + 16);
        told += &format!("{:?}", recovery_code::Entity::find().all(&db).await.unwrap());
        for code in codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]).chain([secret, wrong, next]) {
            assert!(!told.contains(&format!("\"{code}\"")) && (code.len() == 6 || !told.contains(&code)), "{code} in {told}");
        }
        let reasons: Vec<&Value> = entries.iter().filter(|entry| entry.action == "SIGN_IN_FAILED").map(|entry| &entry.changes["reason"]).collect();
        assert_eq!(reasons, ["SecondFactorWrong", "WrongPassword", "WrongCode"]);
    }
}

both! {
    /// What an older schema has no place for is not there; what cannot be read is told.
    async fn an_old_schema_keeps_nothing_and_an_error_is_no_nothing(database: TestDatabase) {
        let (pool, db) = (database.pool(), database.connect().await);
        let missing = async || pool.missing_secret_keys(&SecretKeys::default()).await;
        for (before, sealed) in [("_0015_", 0), ("_0018_", 0), ("_0028_", 1)] {
            let steps = Migrator::migrations();
            let to = steps.iter().position(|step| step.name().contains(before)).unwrap();
            let applied = Migrator::get_applied_migrations(&db).await.unwrap().len();
            Migrator::up(&db, Some(u32::try_from(to - applied).unwrap())).await.unwrap();
            if sealed > 0 {
                let role = "INSERT INTO setting (name, value, changed_at) VALUES ('SECOND_FACTOR_ROLES', 'AUDIT_ADMIN', '2022-01-01 00:00:00+00:00')";
                db.execute_unprepared(role).await.unwrap();
            }
            assert_eq!(missing().await.unwrap().len(), sealed, "before {before}");
        }
        Migrator::up(&db, None).await.unwrap();
        assert_eq!(missing().await.unwrap().len(), 1);
        // A table that is there, and cannot be read.
        let breaks = match database.backend {
            Backend::Sqlite => "CAST(abs(-9223372036854775808) AS TEXT)",
            Backend::Postgres => "CAST(1 / 0 AS VARCHAR)",
        };
        db.execute_unprepared("ALTER TABLE signing_key RENAME TO gone").await.unwrap();
        db.execute_unprepared(&format!("CREATE VIEW signing_key AS SELECT {breaks} AS sealed_under")).await.unwrap();
        missing().await.unwrap_err();
    }

    /// A server that was started without the key, beside one that has it.
    async fn a_server_without_the_key_is_not_ready(app: App) {
        let ready = async || {
            app.clock.advance(chrono::TimeDelta::seconds(1));
            let answer = app.send(app.client().get(app.url("/health/ready"))).await;
            (answer.status.as_u16(), answer.text)
        };
        assert_eq!(ready().await, (200, json!({ "status": "READY" }).to_string()));
        // Its like with another key encrypts all anew, as one that is the first to have any would.
        let db = app.database.connect().await;
        db.execute_unprepared("UPDATE signing_key SET sealed_under = 'another key'").await.unwrap();
        assert_eq!(ready().await, (503, json!({ "status": "SECRETS_KEY_MISSING" }).to_string()));
        assert_eq!(app.send(app.client().get(app.url("/health/live"))).await.status, 200);
    }
}

fn key(byte: u8) -> String {
    BASE64_STANDARD.encode([byte; 32])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_and_without_one_nothing_is_set_up() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let keys = |text: &str| SecretKeys::parse(text).unwrap();
        let Some(app) = App::with(backend, |settings| settings.secrets = keys(&key(1))).await
        else {
            continue;
        };
        let (_, authenticator, _) = set_up(&app, "fgw-manager").await;
        // Other servers on the same database, with other keys.
        let another = async |text: &str| {
            let (pool, secrets) = (app.database.pool(), keys(text));
            store::Store::open(store::Opening {
                pool,
                clock: std::sync::Arc::clone(&app.clock) as _,
                entropy: std::sync::Arc::new(api::MachineEntropy),
                rules: tests::world::rules(),
                hashings_at_once: 1,
                calendar: domain::Calendar::default(),
                audit: store::AuditRules::default(),
                secrets,
            })
            .await
        };
        let signs_in = async |system: &store::System| {
            next_step(&app);
            let password = store::Password::new(PASSWORD.to_owned());
            let code = authenticator.shows(&app, 0);
            let origin = store::Origin::command("test");
            let signed = system.sign_in("fgw-manager", password, Some(&code), &origin);
            signed.await.is_ok()
        };
        // Without the key not even sessions can be signed.
        for text in [String::new(), key(2)] {
            let without = another(&text).await.unwrap().system();
            let told = without.check_secret_keys().await.unwrap_err();
            assert!(
                told.inside().contains("signing keys") && told.inside().contains("secrets.key"),
                "{}",
                told.inside()
            );
            assert!(!signs_in(&without).await);
            // What signs nothing goes without.
            assert!(
                without
                    .verify_audit(None)
                    .await
                    .unwrap()
                    .problems
                    .is_empty()
            );
        }
        let both = another(&format!("{} {}", key(2), key(1))).await.unwrap();
        let both = both.system();
        // Before a server changes anything, all that is missing.
        let missing = app.database.pool().missing_secret_keys(&keys("")).await;
        let missing = missing.unwrap();
        assert_eq!(missing.len(), 3, "{missing:?}");
        for (told, what) in missing
            .iter()
            .zip(["second factors", "signing keys", "cursors"])
        {
            assert!(told.contains(what), "{told}");
        }
        let empty = TestDatabase::set_up(backend).await.unwrap();
        let missing = empty.pool().missing_secret_keys(&keys("")).await;
        assert_eq!(missing.unwrap(), Vec::<String>::new());
        both.check_secret_keys().await.unwrap();
        assert!(signs_in(&both).await);
        // The factor, the signing key, and what seals cursors and signs links.
        assert_eq!(both.reencrypt_secrets().await.unwrap(), 4);
        assert_eq!(both.reencrypt_secrets().await.unwrap(), 0);
        let foreign = another(&key(2)).await.unwrap().system();
        foreign.check_secret_keys().await.unwrap();
        assert!(signs_in(&foreign).await);
        assert_eq!(audited(&app, "REENCRYPT_SECRETS").await.len(), 2);

        let none = |settings: &mut api::Settings| settings.secrets = SecretKeys::default();
        let bare = App::with(backend, none).await.unwrap();
        let manager = bare.sign_in("fgw-manager").await;
        let refused = own(
            &manager,
            "beginSecondFactor",
            json!({ "currentPassword": PASSWORD }),
        )
        .await;
        assert_eq!(outcome(&refused, "beginSecondFactor"), "WRONG_STATE");
        assert!(refused.text.contains("secrets.key"), "{}", refused.text);
        let security = bare.sign_in("security").await;
        let input = json!({ "name": "SECOND_FACTOR_ROLES", "value": "AUDIT_ADMIN", "reason": "x" });
        let refused = attempt(&security, "changeSetting", input).await;
        assert_eq!(outcome(&refused, "changeSetting"), "WRONG_STATE value");
        let system = bare.parts.store().system();
        system.check_secret_keys().await.unwrap();
        // Where somebody required it with a key that is gone since, the server says so before it serves.
        crate::audit::execute(&bare, "INSERT INTO setting (name, value, changed_at) VALUES ('SECOND_FACTOR_ROLES', 'AUDIT_ADMIN', '2022-06-15 04:00:00+00:00')").await;
        let missing = bare.database.pool().missing_secret_keys(&keys("")).await;
        let missing = missing.unwrap();
        assert!(
            missing.len() == 1 && missing[0].contains("AUDIT_ADMIN"),
            "{missing:?}"
        );
        let told = system.check_secret_keys().await.unwrap_err();
        assert!(
            told.inside().contains("AUDIT_ADMIN") && told.inside().contains("LUOSHI_SECRETS_KEY")
        );
    }
}

/// What signs sessions, links and cursors is encrypted once the configuration has a key; without one it stays as it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_s_own_secrets_are_kept_under_the_configuration_s_key() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(app) = App::set_up(backend).await else {
            continue;
        };
        let bare = |settings: &mut api::Settings| settings.secrets = SecretKeys::default();
        let bare = App::with(backend, bare).await.unwrap();
        // Each was made before there was a key; then, another signing key.
        for (app, sealed) in [(&app, true), (&bare, false)] {
            app.sign_in("office").await;
            app.clock.advance(chrono::TimeDelta::minutes(1));
            app.parts.store().system().rotate_keys().await.unwrap();
            app.sign_in("office").await;
            let db = app.database.connect().await;
            let keys = signing_key::Entity::find().all(&db).await.unwrap();
            assert_eq!(keys.len(), 2);
            for key in keys {
                // PKCS#8 begins a sequence, and holds the public key.
                let plain = key.private_key[0] == 0x30
                    && key
                        .private_key
                        .windows(32)
                        .any(|part| part == key.public_key);
                assert_eq!((key.sealed_under.is_some(), plain), (sealed, !sealed));
            }
            let shared = server_secret::Entity::find().all(&db).await.unwrap();
            assert_eq!(shared.len(), 2);
            for secret in shared {
                let expected = if sealed { 12 + 32 + 16 } else { 32 };
                assert_eq!(
                    (secret.sealed_under.is_some(), secret.secret.len()),
                    (sealed, expected)
                );
            }
        }
    }
}
