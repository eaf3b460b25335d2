//! Many accounts at once, from a table.

use async_graphql::{Context, InputObject, Object, SimpleObject, UploadValue};
use store::{Fault, ImportedUsers, Once, OneTime};

use super::once::once;
use crate::{
    error::{ApiError, UserError, settle},
    messages,
    request::Request,
    scalar::Upload,
    types::User,
};

/// A table of accounts.
#[derive(InputObject)]
pub(crate) struct ImportUsersInput {
    /// The table: .csv in UTF-8 or GB18030, or .xlsx, of which the first sheet is read; at most 2 MiB and 500 rows. The first
    /// line holds the headings: `username` (用户名), `displayName` (姓名) and, where people work in units, `unit` (单位), in
    /// any order; other columns are problems. A unit stands there by its name, full name or alias.
    file: Upload,
    /// Only look: report what would be done, and do nothing.
    #[graphql(default)]
    dry_run: bool,
    /// An ID of your own for this act, at most 100 characters: sent again with the same input and file, it changes nothing
    /// twice.
    client_mutation_id: Option<String>,
}

/// What came of a table of accounts.
#[derive(SimpleObject)]
pub(crate) struct ImportUsersPayload {
    /// The ID that you gave the act.
    client_mutation_id: Option<String>,
    /// What there is to say of the rows; null when the file was refused as a whole.
    report: Option<UserImportReport>,
    /// The accounts that were created, in the order of the rows; empty after a dry run, or when there are problems.
    accounts: Vec<ImportedUser>,
    /// Why it was refused; empty on success, and for a dry run of a file that can be read.
    user_errors: Vec<UserError>,
}

/// What there is to say of the rows of a table of accounts.
#[derive(SimpleObject)]
pub(crate) struct UserImportReport {
    /// Accounts that were created; for a dry run, that would be. None when there are problems.
    created: usize,
    /// Rows whose accounts there are already, with the same name and unit.
    unchanged: usize,
    /// What is wrong with rows and headings: with any of these, nothing is created.
    problems: Vec<UserImportProblem>,
}

/// What is wrong with a row of a table of accounts, or with its headings.
#[derive(SimpleObject)]
pub(crate) struct UserImportProblem {
    /// The line of the text, or the row of the sheet, from 1.
    line: u32,
    /// The heading of the column, as it stands in the file.
    column: String,
    /// For people, in the language that Accept-Language asks for: zh-CN (the default) or en.
    message: String,
}

/// An account that was created from a row.
#[derive(SimpleObject)]
pub(crate) struct ImportedUser {
    /// The account.
    user: User,
    /// The password for the first sign-in, which must be changed then. It is shown this once: nobody keeps it, and it is null
    /// when the same act comes again.
    one_time_password: Option<String>,
}

#[derive(Default)]
pub(crate) struct UserImportMutation;

#[Object]
impl UserImportMutation {
    /// Creates the accounts of a table with one-time passwords (批量导入账号): the system administrator's. All of its rows, or
    /// none; a row whose account there is already, just so, changes nothing. It sees to 500 new accounts in some ten to twenty
    /// seconds.
    async fn import_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A table of accounts.")] input: ImportUsersInput,
    ) -> Result<ImportUsersPayload, ApiError> {
        let request = Request::of(ctx);
        let outcome = async {
            let once = once("importUsers", &input, input.client_mutation_id.as_deref())?;
            import(ctx, request, &input, once.as_ref()).await
        };
        let (done, mut user_errors) = settle(request, outcome.await)?;
        let (mut report, mut accounts) = (None, Vec::new());
        if let Some(done) = done {
            if !input.dry_run && !done.problems.is_empty() {
                let refused = domain::Reason::RowsWrong.at("file");
                let refused = settle::<()>(request, Err(refused.into()))?;
                user_errors = refused.1;
            }
            let problems = done.problems.into_iter().map(|problem| UserImportProblem {
                line: problem.line,
                column: problem.column,
                message: messages::reason(&problem.reason, request.language),
            });
            report = Some(UserImportReport {
                created: done.created,
                unchanged: done.unchanged,
                problems: problems.collect(),
            });
            accounts = done.accounts.into_iter().map(ImportedUser::from).collect();
        }
        Ok(ImportUsersPayload {
            client_mutation_id: input.client_mutation_id,
            report,
            accounts,
            user_errors,
        })
    }
}

async fn import(
    ctx: &Context<'_>,
    request: &Request,
    input: &ImportUsersInput,
    once: Option<&Once>,
) -> store::Result<ImportedUsers> {
    let fault = |error| Fault::new(format!("a file of the request: {error}"));
    let UploadValue { content, .. } = input.file.value(ctx).map_err(fault)?;
    let file = content.to_vec();
    request.call.import_users(file, input.dry_run, once).await
}

impl From<OneTime> for ImportedUser {
    fn from(OneTime { account, password }: OneTime) -> Self {
        Self {
            user: account.into(),
            one_time_password: password.map(|password| password.shown_once()),
        }
    }
}
