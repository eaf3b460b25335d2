//! A server that stops ends its sealing in order, before the database is closed.

use std::time::{Duration, Instant};

use entity::audit_pending;
use sea_orm::{EntityTrait, PaginatorTrait};
use tests::{App, both};
use tokio::{sync::oneshot, time::timeout};

both! {
    async fn sealing_ends_when_it_is_told_and_what_is_left_is_finished(app: App) {
        let store = app.parts.store();
        let (stop, stopped) = oneshot::channel::<()>();
        let another = tokio::spawn(store.keep_sealing(stopped));
        stop.send(()).unwrap();
        timeout(Duration::from_secs(60), another).await.expect("it ends").unwrap();
        timeout(Duration::from_secs(60), app.parts.stop_sealing()).await.expect("it ends");
        // Once more is once: whoever stops a server twice waits for nothing.
        timeout(Duration::from_secs(60), app.parts.stop_sealing()).await.expect("it ends");
        // Nobody seals any more: whatever happens is pending, for longer than a sealer lets anything be. It would wake up with each
        // sign-in, and by itself once a second.
        let db = app.database.connect().await;
        let pending = async || audit_pending::Entity::find().count(&db).await.unwrap();
        let (before, began, mut happened) = (pending().await, Instant::now(), 0);
        while happened < 5 || began.elapsed() < Duration::from_secs(3) {
            app.sign_in("office").await;
            happened += 1;
            assert_eq!(pending().await, before + happened);
        }
        store.system().finish_audit().await.unwrap();
        assert_eq!(audit_pending::Entity::find().count(&db).await.unwrap(), 0);
        store.close().await;
    }
}
