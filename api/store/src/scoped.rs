//! A select that begins with what the viewer may see, and can only be narrowed.

use entity::ids::PlanId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Select,
    sea_query::{
        Alias, Asterisk, Condition, Expr, ExprTrait, IntoCondition, LockType, Order, Query,
        SelectStatement, SimpleExpr, UnionType,
    },
};

use crate::{
    BadInput, Call, Page, PageArgs, Result, Seen,
    connection::Backend,
    page::{Key, Sort, Window},
    visible::Visible,
};

/// Rows of a table within the viewer's scope.
pub(crate) struct Scoped<E: EntityTrait> {
    select: Select<E>,
}

impl<E: Visible> Scoped<E> {
    /// All that the viewer of the call may see: the only way to rows that are [`Seen`] but for the key of one that is.
    pub(crate) fn new(call: &Call) -> Self {
        Self {
            select: E::find().filter(E::visible(call.reach(), call.today())),
        }
    }

    /// What the viewer may see of these plans: the same rows as by a condition on the column of the plan, without looking into the
    /// plans of other years.
    pub(crate) fn of_plans(call: &Call, plan: E::Column, plans: &[PlanId]) -> Self {
        let reach = call.reach().of_plans(plans);
        Self {
            select: E::find().filter(E::visible(&reach, call.today())),
        }
        .and(plan.is_in(plans.iter().copied()))
    }

    /// Narrows: both hold, whatever the condition is made of.
    pub(crate) fn and(self, condition: impl IntoCondition) -> Self {
        Self {
            select: self
                .select
                .filter(Condition::all().add(condition.into_condition())),
        }
    }

    /// Orders by a column, after the columns ordered by so far.
    pub(crate) fn order_by(self, column: E::Column) -> Self {
        Self {
            select: self.select.order_by_asc(column),
        }
    }

    /// Orders by what is computed of each row, after what it is ordered by so far.
    pub(crate) fn order_by_expr(self, expression: SimpleExpr) -> Self {
        Self {
            select: self.select.order_by(expression, Order::Asc),
        }
    }

    /// Reads something else with each row, under a name.
    pub(crate) fn with(self, expression: SimpleExpr, name: &str) -> Self {
        Self {
            select: self.select.expr_as(expression, name),
        }
    }

    /// Takes the rows' locks until the end of the transaction (PostgreSQL; SQLite has one writer). Others may refer to
    /// the rows meanwhile: an event that names a locked plan does not wait for whoever waits to publish an event.
    pub(crate) fn locked(self) -> Self {
        Self {
            select: self.select.lock(LockType::NoKeyUpdate),
        }
    }

    /// As [`Self::locked`], of rows that are to be deleted: nobody refers to them anew, either.
    pub(crate) fn locked_whole(self) -> Self {
        Self {
            select: self.select.lock(LockType::Update),
        }
    }

    /// Keeps the rows as they are until the end of the transaction; others may do the same (PostgreSQL; SQLite has one
    /// writer).
    pub(crate) fn kept(self) -> Self {
        Self {
            select: self.select.lock(LockType::Share),
        }
    }

    /// The statement for the rows, to be joined with what orders or groups them.
    pub(crate) fn joined(self) -> SelectStatement {
        self.select.into_query()
    }

    /// The statement for something computed over the rows, instead of the rows.
    pub(crate) fn aggregate(self) -> SelectStatement {
        let mut statement = self.joined();
        statement.clear_selects();
        statement
    }

    /// All rows, from a reader or within a transaction.
    pub(crate) async fn all(self, db: &impl ConnectionTrait) -> Result<Vec<Seen<E::Model>>> {
        Ok(self.select.all(db).await?.into_iter().map(Seen).collect())
    }

    /// The first row in its order, if there is one.
    pub(crate) async fn first(self, db: &impl ConnectionTrait) -> Result<Option<Seen<E::Model>>> {
        let one = Self {
            select: self.select.limit(1),
        };
        one.one(db).await
    }

    /// The row, if there is one.
    pub(crate) async fn one(self, db: &impl ConnectionTrait) -> Result<Option<Seen<E::Model>>> {
        Ok(self.select.one(db).await?.map(Seen))
    }
}

/// A list within a scope: what it holds, and the name for which its cursors are sealed.
pub(crate) struct List<E: EntityTrait> {
    pub(crate) name: String,
    pub(crate) rows: Scoped<E>,
}

/// One page of each list, in one statement; the lists share arguments and sort. An argument that makes no sense for
/// one list (a cursor of another) fails that list alone. A row is read as the caller says: the table's, or more with it.
pub(crate) async fn pages<E: Visible, R: FromQueryResult>(
    call: &Call,
    lists: Vec<List<E>>,
    args: &PageArgs,
    sort: &Sort,
    keys: impl Fn(&R) -> Vec<Key>,
) -> Result<Vec<Result<Page<Seen<R>>>>> {
    let pages = counted_pages(call, lists, args, sort, keys, false).await?;
    Ok(pages
        .into_iter()
        .map(|page| page.map(|(page, _)| page))
        .collect())
}

/// A page, and how many rows the whole list holds: not known of a page without rows.
pub(crate) type Counted<R> = (Page<Seen<R>>, Option<i64>);

/// One page of each list, as [`pages`] reads them; with the counts of the lists in the same statement, if they are wanted.
pub(crate) async fn counted_pages<E: Visible, R: FromQueryResult>(
    call: &Call,
    lists: Vec<List<E>>,
    args: &PageArgs,
    sort: &Sort,
    keys: impl Fn(&R) -> Vec<Key>,
    counted: bool,
) -> Result<Vec<Result<Counted<R>>>> {
    let mut windows = Vec::with_capacity(lists.len());
    let mut arms = Vec::with_capacity(lists.len());
    for (arm, list) in lists.into_iter().enumerate() {
        let window = Window::read(call, args, &list.name, sort);
        if let Ok(window) = &window {
            let mut statement = list.rows.joined();
            if counted {
                let mut whole = statement.clone();
                whole.clear_selects().expr(count_all());
                let whole = SimpleExpr::SubQuery(None, Box::new(whole.into()));
                statement.expr_as(whole, TOTAL);
            }
            window.apply(&mut statement, sort);
            arms.push((arm, statement));
        }
        windows.push((list.name, window));
    }
    let mut rows: Vec<(Vec<Seen<R>>, Option<i64>)> =
        windows.iter().map(|_| <_>::default()).collect();
    for (arm, row) in rows_of(call, arms).await? {
        if let Some((rows, total)) = rows.get_mut(arm) {
            if counted && total.is_none() {
                *total = row.try_get("", TOTAL)?;
            }
            rows.push(Seen(R::from_query_result(&row, "")?));
        }
    }
    let page = |((name, window), (rows, total)): ((String, Result<Window, BadInput>), _)| {
        let page = window?.page(call, &name, rows, |row: &Seen<R>| keys(row));
        Ok((page, total))
    };
    Ok(windows.into_iter().zip(rows).map(page).collect())
}

/// One page of a list of its own.
pub(crate) async fn page<E: Visible>(
    call: &Call,
    name: &str,
    rows: Scoped<E>,
    args: &PageArgs,
    sort: &Sort,
    keys: impl Fn(&E::Model) -> Vec<Key>,
) -> Result<Page<Seen<E::Model>>> {
    let list = List {
        name: name.to_owned(),
        rows,
    };
    match pages(call, vec![list], args, sort, keys).await?.pop() {
        Some(page) => page,
        None => Ok(Page::default()),
    }
}

/// How many rows each scope holds, in one statement.
pub(crate) async fn counts<E: Visible>(call: &Call, scopes: Vec<Scoped<E>>) -> Result<Vec<i64>> {
    let mut counts = vec![0; scopes.len()];
    let arms = scopes
        .into_iter()
        .map(|scope| scope.aggregate().expr_as(count_all(), COUNT).take())
        .enumerate()
        .collect();
    for (arm, row) in rows_of(call, arms).await? {
        if let Some(count) = counts.get_mut(arm) {
            *count = row.try_get("", COUNT)?;
        }
    }
    Ok(counts)
}

/// How many rows a scope holds.
pub(crate) async fn count<E: Visible>(call: &Call, scope: Scoped<E>) -> Result<i64> {
    Ok(counts(call, vec![scope]).await?.into_iter().sum())
}

impl Call {
    /// The column holds one of these keys. They are one parameter together: a statement is the same text however many there
    /// are, so that each connection prepares it once.
    pub(crate) fn among<K: Into<i64>>(
        &self,
        column: impl ColumnTrait,
        keys: impl IntoIterator<Item = K>,
    ) -> SimpleExpr {
        let keys: Vec<String> = keys.into_iter().map(|key| key.into().to_string()).collect();
        let keys = keys.join(",");
        let column = Expr::col(column.as_column_ref());
        let (test, keys) = match self.backend() {
            Backend::Postgres => ("$1 = ANY(CAST($2 AS BIGINT[]))", format!("{{{keys}}}")),
            Backend::Sqlite => ("? IN (SELECT value FROM json_each(?))", format!("[{keys}]")),
        };
        Expr::cust_with_exprs(test, [column, Expr::val(keys)])
    }
}

const ARM: &str = "arm";
const COUNT: &str = "count";
const TOTAL: &str = "total_count";

/// `COUNT(*)`.
pub(crate) fn count_all() -> SimpleExpr {
    Expr::col(Asterisk).count()
}

/// Parameters of one statement, with room to spare: SQLite takes 32,766 of them, and plans a long statement slowly.
const PARAMETERS: usize = 10_000;

/// The rows of statements that are alike, each with the number of its statement; rows of one statement keep their order. They are read
/// at once, unless they have more parameters than a statement may.
pub(crate) async fn rows_of(
    call: &Call,
    arms: Vec<(usize, SelectStatement)>,
) -> Result<Vec<(usize, QueryResult)>> {
    let db = call.reader();
    let most = match arms.as_slice() {
        [] | [_] => 1,
        [(_, first), ..] => {
            let built = db.get_database_backend().build(first);
            let each = built.values.map_or(0, |values| values.iter().count());
            (PARAMETERS / each.max(1)).max(1)
        }
    };
    let mut rows = Vec::new();
    for part in arms.chunks(most) {
        let Some(statement) = union(part.to_vec()) else {
            continue;
        };
        for row in db.query_all(&statement).await? {
            let arm = usize::try_from(row.try_get::<i64>("", ARM)?).unwrap_or(usize::MAX);
            rows.push((arm, row));
        }
    }
    Ok(rows)
}

/// The rows of all statements, each with the number of its statement; rows of one statement keep their order.
fn union(arms: Vec<(usize, SelectStatement)>) -> Option<SelectStatement> {
    let numbered = |(arm, mut statement): (usize, SelectStatement)| {
        // Written into the statement as a BIGINT: a parameter would have no type in a union.
        statement.expr_as(Expr::cust(format!("CAST({arm} AS BIGINT)")), ARM);
        statement
    };
    let single = arms.len() == 1;
    let mut arms = arms.into_iter().map(numbered);
    if single {
        return arms.next();
    }
    // An ordered and limited select can be an arm of a union only as a table of its own.
    let mut tables = arms.enumerate().map(|(at, statement)| {
        Query::select()
            .column(Asterisk)
            .from_subquery(statement, Alias::new(format!("list_{at}")))
            .take()
    });
    let mut whole = tables.next()?;
    whole.unions(tables.map(|table| (UnionType::All, table)));
    Some(whole)
}
