//! What `demo` and `serve` have in common: the schema, the seed plan, and running until told to stop.

use std::{net::SocketAddr, path::Path, sync::Arc};

use files::{Files, Storage};
use importer::PlanDraft;
use store::{ImportOutcome, ImportPlan, Pool, SchemaState};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};

use super::{failed, told};
use crate::{App, MachineEntropy, alive::keep_alive};

/// Makes the folder of an SQLite database that may be made itself: SQLite makes the file, but not the folder.
pub(super) fn make_folder(pool: &Pool) -> Result<(), String> {
    let Some((path, "mode=rwc")) = pool
        .url
        .strip_prefix("sqlite://")
        .and_then(|rest| rest.split_once('?'))
    else {
        return Ok(());
    };
    match Path::new(path).parent() {
        Some(folder) if folder != Path::new("") => std::fs::create_dir_all(folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display())),
        _ => Ok(()),
    }
}

/// Makes a database that is missing, brings an older schema up to date, and refuses a newer one.
pub(super) async fn prepare(pool: &Pool) -> Result<(), String> {
    make_folder(pool)?;
    match pool.schema_state().await.map_err(|fault| told(&fault))? {
        SchemaState::Current => Ok(()),
        SchemaState::Older(_) => {
            let steps = pool.migrate().await.map_err(|fault| told(&fault))?;
            tracing::info!(steps, "the database's schema is up to date");
            Ok(())
        }
        SchemaState::Newer(steps) => Err(format!(
            "the database's schema is newer than this program (it has {}): use the program that made it",
            steps.join(", ")
        )),
    }
}

/// Opens the storage of evidence files, which must be there before the first one comes.
pub(super) async fn open_files(storage: &Storage) -> Result<Files, String> {
    Files::open(storage, Arc::new(MachineEntropy))
        .await
        .map_err(|fault| fault.inside().to_owned())
}

/// Reads the seed document.
pub(super) fn read_seed() -> Result<PlanDraft, String> {
    let tables = importer::Tables::parse(&seeds::TABLES)
        .map_err(|bad| format!("the seed tables cannot be read: {bad:?}"))?;
    let reading = importer::read(seeds::DOCUMENT, seeds::YEAR, &tables);
    reading.plan.ok_or_else(|| {
        format!(
            "the seed document cannot be read: {:?}",
            reading.report.problems
        )
    })
}

/// Imports and publishes the seed plan, if its year has no plan yet.
pub(super) async fn import_seed(app: &App, draft: &PlanDraft) -> Result<(), String> {
    let import = ImportPlan {
        draft,
        document: seeds::DOCUMENT,
        publish: true,
    };
    let outcome = app
        .store()
        .system()
        .import(import, &|_| ())
        .await
        .map_err(failed)?;
    if let ImportOutcome::Imported(_) = outcome {
        tracing::info!(
            year = seeds::YEAR,
            targets = draft.targets.len(),
            "the seed plan is imported and published"
        );
    }
    Ok(())
}

/// A socket that is listened on, by a process that hears when it is told to stop.
pub(super) struct Listening {
    pub(super) socket: TcpListener,
    stops: [Signal; 2],
}

/// Listens where it was told to. Whoever finds it listening may tell it to stop: it hears that from before on.
pub(super) async fn listen(address: SocketAddr) -> Result<Listening, String> {
    let hear = |kind| signal(kind).map_err(|error| format!("cannot hear signals: {error}"));
    let stops = [
        hear(SignalKind::terminate())?,
        hear(SignalKind::interrupt())?,
    ];
    let socket = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    Ok(Listening { socket, stops })
}

/// Answers until told to stop (SIGTERM, or Ctrl-C), then finishes what is under way.
/// What else goes on beside it ends then, too, before the database is closed.
pub(super) async fn run(
    listening: Listening,
    app: App,
    beside: Option<JoinHandle<()>>,
) -> Result<(), String> {
    let Listening { socket, stops } = listening;
    let sockets = app.clone();
    let collector = app.clone();
    let collecting = move || collector.clone().keep_collecting();
    let collecting = tokio::spawn(keep_alive("the collection of files", collecting));
    if let Some(certificate) = app.parts.connections.certificate.clone() {
        tokio::spawn(certificate.keep_fresh());
    }
    let stopping = async move {
        stop(stops).await;
        sockets.stop_sockets();
    };
    crate::serve(socket, &app, stopping)
        .await
        .map_err(|error| error.to_string())?;
    for task in beside.into_iter().chain([collecting]) {
        task.abort();
        // A transaction under way is undone; then nothing of it is left.
        let _ = task.await;
    }
    app.sockets_stopped().await;
    app.refusals_written().await;
    app.stop_sealing().await;
    // What was done last gets its place in the chain, too.
    if let Err(error) = app.store().system().finish_audit().await {
        tracing::error!(error = failed(error), "the audit log waits to be sealed");
    }
    app.store().close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn stop([mut terminated, mut interrupted]: [Signal; 2]) {
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("stopping");
}
