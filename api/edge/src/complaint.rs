//! Everything that the edge can refuse, with its status, its code and its words in both languages.

use async_graphql::ServerError;
use async_graphql_parser::Pos;
use axum::http::StatusCode;
use domain::Language;

/// Why a request goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// The method is neither GET nor POST.
    Method,
    /// A mutation came by GET.
    MutationByGet,
    /// The answer would be of no type that the caller accepts.
    NotAcceptable,
    /// The body is not `application/json`.
    MediaType,
    /// The body is too large.
    BodyTooLarge {
        /// The most bytes.
        most: usize,
    },
    /// A body in parts came without a header that a page of another origin can send only after a preflight.
    Preflight,
    /// A request with files, or for one, came from somebody who is not signed in.
    SignIn,
    /// A file is asked for by somebody who must change the password first.
    MustChangePassword,
    /// A file is asked for by somebody who must set up a second factor first.
    MustSetUpSecondFactor,
    /// There is no such file, or none that the caller may see.
    NoFile,
    /// The audit log is asked for by somebody who is no audit administrator.
    NotAuditAdministrator,
    /// A part of the query by which an export is narrowed is none.
    ExportFilter {
        /// Which, as it came.
        name: String,
    },
    /// As many exports as there may be are under way.
    TooManyExports,
    /// The body's parts cannot be read.
    Multipart,
    /// Another part should have come first.
    UploadOrder {
        /// The part that should have come.
        name: &'static str,
    },
    /// The part `map` is not what it should be.
    UploadMap,
    /// A path of `map` does not lead to the null of an `Upload`, or leads there twice.
    UploadPath {
        /// The path.
        path: String,
    },
    /// A part that `map` does not name, or one that is no file.
    UploadUnexpected {
        /// Its name.
        name: String,
    },
    /// A file that `map` names did not come.
    UploadMissing {
        /// Its name.
        name: String,
    },
    /// A file stands in the document itself.
    UploadLiteral {
        /// Where in the input.
        input: String,
        /// Where.
        at: Pos,
    },
    /// There are too many files.
    TooManyFiles {
        /// The most.
        most: usize,
    },
    /// A file is too large.
    FileTooLarge {
        /// The most bytes.
        most: usize,
    },
    /// The request took too long.
    Timeout,
    /// The caller's budget is used up.
    RateLimited {
        /// After how many seconds there is enough again.
        seconds: u64,
    },
    /// The body is not JSON.
    NotJson,
    /// Several requests in one.
    Batch,
    /// A parameter of the request has the wrong type.
    Parameter {
        /// Which.
        name: &'static str,
    },
    /// There is no query.
    NoQuery,
    /// The document that is named is not known.
    DocumentNotFound,
    /// The document is none of those that are trusted.
    Untrusted,
    /// The document does not parse.
    Syntax {
        /// Where.
        at: Option<Pos>,
    },
    /// Two operations have one name.
    OperationTwice {
        /// The name.
        name: String,
        /// Where the second stands.
        at: Option<Pos>,
    },
    /// Two fragments have one name.
    FragmentTwice {
        /// The name.
        name: String,
        /// Where the second stands.
        at: Option<Pos>,
    },
    /// An operation without a name is not the only one.
    NamelessOperation {
        /// Where it stands.
        at: Option<Pos>,
    },
    /// The document holds fragments alone.
    NoOperation,
    /// The document does not say which operation is meant.
    Operation,
    /// A fragment spreads itself.
    FragmentCycle {
        /// Its name.
        name: String,
    },
    /// A subscription came over HTTP.
    NeedsSocket,
    /// A subscription has not exactly one root field, or one of introspection, or one that may be left out.
    SubscriptionRoot {
        /// Where.
        at: Pos,
    },
    /// A socket is wanted that does not speak `graphql-transport-ws`, or a request is no proper one for a socket.
    Subprotocol,
    /// A socket is wanted by a page of another origin.
    Origin,
    /// There are too many sockets, or the server is about to stop.
    TooManySockets,
    /// Introspection is off.
    Introspection,
    /// Something of the document is above its limit.
    TooMuch {
        /// What.
        what: Measure,
        /// The limit.
        most: u64,
    },
    /// The operation costs more than one may.
    TooDear {
        /// What it costs.
        cost: u64,
        /// The limit.
        most: u64,
    },
    /// As many requests as there may be are under way.
    TooManyRequests,
    /// There is nothing at this path.
    NoRoute,
    /// What there is at this path is read by GET alone.
    OnlyGet,
    /// A directive on `__typename` is not one.
    Directive {
        /// Where.
        at: Pos,
    },
    /// A variable is of a type that there is not.
    UnknownType {
        /// The type.
        name: String,
        /// Where the variable is defined.
        at: Pos,
    },
    /// A page is to hold more than it may, or fewer than none.
    PageSize {
        /// `first` or `last`.
        argument: &'static str,
        /// The most.
        most: u64,
        /// Where.
        at: Pos,
    },
    /// A variable's value does not fit its type.
    Variable {
        /// The variable, with the path inside its value.
        path: String,
        /// Where in the input it stands.
        input: String,
        /// The type it should have.
        expected: String,
        /// What a value of the type looks like, where that is not plain.
        example: Option<&'static str>,
    },
    /// A variable's value has a field that its input type does not have.
    UnknownField {
        /// The variable, with the path to the field.
        path: String,
        /// Where in the input it stands.
        input: String,
        /// The field.
        field: String,
        /// The input type.
        of: String,
    },
    /// A response name stands for two different fields.
    Conflict {
        /// The name.
        name: String,
        /// Where the second stands.
        at: Pos,
    },
    /// A number, or a value of a scalar, stands in the document where it does not fit.
    Literal {
        /// Where in the input.
        input: String,
        /// The type of the place.
        expected: String,
        /// What a value of the type looks like, where that is not plain.
        example: Option<&'static str>,
        /// Where.
        at: Pos,
    },
    /// A variable stands where its type is not allowed.
    VariablePosition {
        /// Where in the input.
        input: String,
        /// The variable.
        name: String,
        /// The type of the place.
        expected: String,
        /// Where.
        at: Pos,
    },
}

/// What is measured of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of the document.
    Query,
    /// Tokens.
    Tokens,
    /// Brackets in brackets.
    Nesting,
    /// Operations and fragments.
    Definitions,
    /// Aliases.
    Aliases,
    /// Directives.
    Directives,
    /// Fields.
    Fields,
    /// Fields and fragments, wherever they are spread.
    Selections,
    /// Comparisons of fields that answer under one name, and of their arguments.
    Comparisons,
    /// Levels.
    Depth,
    /// Root fields.
    Roots,
    /// Lists in lists of introspection.
    Introspection,
    /// Cost.
    Cost,
    /// Operations at once.
    Operations,
    /// Subscriptions of a user at once.
    Subscriptions,
    /// Values of a body of JSON, or in arguments.
    Values,
    /// Bytes of text in arguments.
    Text,
    /// Bytes of a name.
    Name,
}

impl Complaint {
    /// The status under which the complaint is answered.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Method | Self::MutationByGet | Self::OnlyGet => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType | Self::Preflight => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::MustChangePassword
            | Self::MustSetUpSecondFactor
            | Self::NotAuditAdministrator
            | Self::Origin => StatusCode::FORBIDDEN,
            Self::NoFile | Self::NoRoute => StatusCode::NOT_FOUND,
            Self::BodyTooLarge { .. } | Self::TooManyFiles { .. } | Self::FileTooLarge { .. } => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooManySockets | Self::TooManyExports | Self::TooManyRequests => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether the request itself was well formed, and only its document is refused: a client that accepts
    /// `application/json` alone gets these with status 200.
    pub const fn of_document(&self) -> bool {
        matches!(
            self,
            Self::Syntax { .. }
                | Self::OperationTwice { .. }
                | Self::FragmentTwice { .. }
                | Self::NamelessOperation { .. }
                | Self::NoOperation
                | Self::Operation
                | Self::NeedsSocket
                | Self::SubscriptionRoot { .. }
                | Self::FragmentCycle { .. }
                | Self::DocumentNotFound
                | Self::Untrusted
                | Self::Introspection
                | Self::TooMuch { .. }
                | Self::TooDear { .. }
                | Self::Directive { .. }
                | Self::UnknownType { .. }
                | Self::PageSize { .. }
                | Self::Variable { .. }
                | Self::UnknownField { .. }
                | Self::Literal { .. }
                | Self::UploadLiteral { .. }
                | Self::Conflict { .. }
                | Self::VariablePosition { .. }
        )
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::TooMuch { .. }
            | Self::TooDear { .. }
            | Self::BodyTooLarge { .. }
            | Self::TooManyFiles { .. }
            | Self::FileTooLarge { .. }
            | Self::Timeout => "QUERY_TOO_COMPLEX",
            Self::SignIn => "UNAUTHENTICATED",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::DocumentNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::Untrusted => "UNTRUSTED_DOCUMENT",
            Self::TooManySockets | Self::TooManyExports | Self::TooManyRequests => "UNAVAILABLE",
            Self::Introspection
            | Self::MustChangePassword
            | Self::MustSetUpSecondFactor
            | Self::NotAuditAdministrator
            | Self::Origin => "FORBIDDEN",
            Self::NoFile | Self::NoRoute => "NOT_FOUND",
            _ => "BAD_USER_INPUT",
        }
    }

    /// What the operation costs, where that is why it goes no further.
    pub const fn cost(&self) -> Option<u64> {
        match self {
            Self::TooDear { cost, .. } => Some(*cost),
            _ => None,
        }
    }

    /// Where in the input what is wrong stands, such as `input.dueDate`.
    fn input(&self) -> Option<&str> {
        match self {
            Self::PageSize { argument, .. } => Some(argument),
            Self::Variable { input, .. }
            | Self::UnknownField { input, .. }
            | Self::Literal { input, .. }
            | Self::UploadLiteral { input, .. }
            | Self::VariablePosition { input, .. } => Some(input),
            _ => None,
        }
    }

    /// The complaint about a variable's value with another place in the input, if there is one.
    pub(crate) fn with_input(mut self, place: impl FnOnce(&str) -> Option<String>) -> Self {
        if let Self::Variable { path, input, .. } | Self::UnknownField { path, input, .. } =
            &mut self
            && let Some(place) = place(path)
        {
            *input = place;
        }
        self
    }

    /// The complaint as a GraphQL error.
    pub fn error(&self, language: Language) -> ServerError {
        let at = match self {
            Self::Syntax { at }
            | Self::OperationTwice { at, .. }
            | Self::FragmentTwice { at, .. }
            | Self::NamelessOperation { at } => *at,
            Self::Directive { at }
            | Self::UnknownType { at, .. }
            | Self::PageSize { at, .. }
            | Self::Conflict { at, .. }
            | Self::Literal { at, .. }
            | Self::UploadLiteral { at, .. }
            | Self::SubscriptionRoot { at }
            | Self::VariablePosition { at, .. } => Some(*at),
            _ => None,
        };
        let mut error = ServerError::new(self.message(language), at);
        let mut extensions = async_graphql::ErrorExtensionValues::default();
        extensions.set("code", self.code());
        if let Some(input) = self.input() {
            extensions.set("field", input);
        }
        match self {
            Self::TooMuch { most, .. }
            | Self::TooDear { most, .. }
            | Self::PageSize { most, .. } => {
                extensions.set("limit", *most);
            }
            Self::RateLimited { seconds } => extensions.set("retryAfter", *seconds),
            Self::TooManyFiles { most } | Self::FileTooLarge { most } => {
                extensions.set("limit", *most as u64);
            }
            _ => {}
        }
        error.extensions = Some(extensions);
        error
    }

    fn message(&self, language: Language) -> String {
        let (zh, en) = match self {
            Self::Method => (
                "请使用 POST，或以 GET 发送查询。".to_owned(),
                "Use POST, or GET for queries.".to_owned(),
            ),
            Self::MutationByGet => (
                "变更操作必须使用 POST。".to_owned(),
                "A mutation must be sent by POST.".to_owned(),
            ),
            Self::NotAcceptable => (
                "只能以 application/graphql-response+json 或 application/json 应答。".to_owned(),
                "Answers are application/graphql-response+json or application/json.".to_owned(),
            ),
            Self::MediaType => (
                "请求体必须是 application/json（UTF-8）。".to_owned(),
                "The body must be application/json, in UTF-8.".to_owned(),
            ),
            Self::BodyTooLarge { most } => (
                format!("请求体不能超过 {most} 字节。"),
                format!("The body has at most {most} bytes."),
            ),
            Self::Preflight => (
                "multipart/form-data 请求必须带有 Authorization 或 GraphQL-Preflight 请求头。".to_owned(),
                "A multipart/form-data request needs the header Authorization or GraphQL-Preflight."
                    .to_owned(),
            ),
            Self::SignIn => (
                "请先登录，再上传或下载文件。".to_owned(),
                "Please sign in before you upload or download files.".to_owned(),
            ),
            Self::MustChangePassword => (
                "请先修改密码。".to_owned(),
                "Please change your password first.".to_owned(),
            ),
            Self::MustSetUpSecondFactor => (
                "您的角色须启用双因素认证，请先设置。".to_owned(),
                "Your role needs a second factor: please set one up first.".to_owned(),
            ),
            Self::NoFile => (
                "未找到该文件。".to_owned(),
                "No such file was found.".to_owned(),
            ),
            Self::NotAuditAdministrator => (
                "只有审计管理员可以导出审计日志。".to_owned(),
                "Only an audit administrator can export the audit log.".to_owned(),
            ),
            Self::ExportFilter { name } => (
                format!("查询条件无法识别：{name}。"),
                format!("Not a filter of the audit log: {name}."),
            ),
            Self::TooManyExports => (
                "已有导出正在进行，请稍后再试。".to_owned(),
                "Other exports are under way: try again later.".to_owned(),
            ),
            Self::Multipart => (
                "请求体不是完整的 multipart/form-data。".to_owned(),
                "The body is no complete multipart/form-data.".to_owned(),
            ),
            Self::UploadOrder { name } => (
                format!("各部分须依次为 operations、map、文件；此处应为 {name}。"),
                format!("The parts are operations, map and the files, in this order: {name} is missing."),
            ),
            Self::UploadMap => (
                "map 必须是 JSON 对象：每个文件名对应一个非空的变量路径列表，且不重复。".to_owned(),
                "map must be a JSON object: for each file, once, a list of at least one path of a variable."
                    .to_owned(),
            ),
            Self::UploadPath { path } => (
                format!("map 中的路径 {path} 必须指向一个类型为 Upload、值为 null 的变量，且只能出现一次。"),
                format!("The path {path} of map must lead to a variable of type Upload that is null, and only once."),
            ),
            Self::UploadUnexpected { name } => (
                format!("部分 {name} 不是文件，或未在 map 中列出。"),
                format!("The part {name} is no file, or map does not name it."),
            ),
            Self::UploadMissing { name } => (
                format!("缺少 map 中列出的文件 {name}。"),
                format!("The file {name} of map did not come."),
            ),
            Self::UploadLiteral { .. } => (
                "文件必须作为 Upload 类型的变量给出，不能写在查询文档中。".to_owned(),
                "A file is given as a variable of type Upload, never in the document.".to_owned(),
            ),
            Self::TooManyFiles { most } => (
                format!("一次最多上传 {most} 个文件。"),
                format!("A request has at most {most} files."),
            ),
            Self::FileTooLarge { most } => (
                format!("每个文件不能超过 {most} 字节。"),
                format!("A file has at most {most} bytes."),
            ),
            Self::Timeout => (
                "请求超时。".to_owned(),
                "The request took too long.".to_owned(),
            ),
            Self::RateLimited { seconds } => (
                format!("请求过于频繁，请在 {seconds} 秒后再试。"),
                format!("Too many requests: try again in {seconds} seconds."),
            ),
            Self::NotJson => (
                "请求体不是合法的 JSON。".to_owned(),
                "The body is not valid JSON.".to_owned(),
            ),
            Self::Batch => (
                "不支持批量请求，请逐个发送。".to_owned(),
                "Batches are not supported: send one request at a time.".to_owned(),
            ),
            Self::Parameter { name } => (
                format!("参数 {name} 的类型不正确。"),
                format!("The parameter {name} has the wrong type."),
            ),
            Self::NoQuery => (
                "缺少参数 query。".to_owned(),
                "The parameter query is missing.".to_owned(),
            ),
            Self::DocumentNotFound => (
                "未找到所指明的查询文档。".to_owned(),
                "The document that is named is not known.".to_owned(),
            ),
            Self::Untrusted => (
                "此服务器只接受已登记的查询文档。".to_owned(),
                "This server runs the documents of its manifests alone.".to_owned(),
            ),
            Self::Syntax { at: None } => (
                "查询文档有语法错误。".to_owned(),
                "The document has a syntax error.".to_owned(),
            ),
            Self::Syntax { at: Some(at) } => (
                format!("查询文档第 {} 行第 {} 列有语法错误。", at.line, at.column),
                format!("The document has a syntax error in line {}, column {}.", at.line, at.column),
            ),
            Self::OperationTwice { name, .. } => (
                format!("操作 {name} 定义了两次。"),
                format!("The operation {name} is defined twice."),
            ),
            Self::FragmentTwice { name, .. } => (
                format!("片段 {name} 定义了两次。"),
                format!("The fragment {name} is defined twice."),
            ),
            Self::NamelessOperation { .. } => (
                "文档含有多个操作时，每个操作都必须有名称。".to_owned(),
                "In a document of several operations, each of them has a name.".to_owned(),
            ),
            Self::NoOperation => (
                "查询文档中没有操作。".to_owned(),
                "The document holds no operation.".to_owned(),
            ),
            Self::Operation => (
                "请用 operationName 指明文档中的一个操作。".to_owned(),
                "operationName must name one operation of the document.".to_owned(),
            ),
            Self::NeedsSocket => (
                "订阅必须通过 WebSocket（graphql-transport-ws）发送。".to_owned(),
                "A subscription needs a WebSocket that speaks graphql-transport-ws.".to_owned(),
            ),
            Self::SubscriptionRoot { .. } => (
                "订阅必须恰有一个根字段，不能是内省字段，也不能带 @skip 或 @include。".to_owned(),
                "A subscription has exactly one root field, which is none of introspection and has no @skip or @include."
                    .to_owned(),
            ),
            Self::Subprotocol => (
                "WebSocket 只支持 graphql-transport-ws 子协议。".to_owned(),
                "A WebSocket must speak the subprotocol graphql-transport-ws.".to_owned(),
            ),
            Self::Origin => (
                "不允许来自该网页来源的连接。".to_owned(),
                "Pages of this origin may not connect.".to_owned(),
            ),
            Self::TooManySockets => (
                "服务器暂时不能接受新的连接，请稍后再试。".to_owned(),
                "The server takes no more sockets now: try again later.".to_owned(),
            ),
            Self::FragmentCycle { name } => (
                format!("片段 {name} 引用了自身。"),
                format!("The fragment {name} spreads itself."),
            ),
            Self::Introspection => (
                "此服务器未开放内省。".to_owned(),
                "Introspection is off on this server.".to_owned(),
            ),
            Self::TooMuch { what, most } => too_complex(*what, *most),
            Self::TooDear { most, .. } => too_complex(Measure::Cost, *most),
            Self::TooManyRequests => (
                "服务器繁忙，请稍后再试。".to_owned(),
                "The server has too much to do: try again later.".to_owned(),
            ),
            Self::NoRoute => (
                "此路径下没有内容。".to_owned(),
                "There is nothing at this path.".to_owned(),
            ),
            Self::OnlyGet => (
                "此路径只能以 GET 读取。".to_owned(),
                "This path is read by GET alone.".to_owned(),
            ),
            Self::Directive { .. } => (
                "__typename 上的指令不正确。".to_owned(),
                "The directive on __typename is not valid.".to_owned(),
            ),
            Self::UnknownType { name, .. } => (
                format!("没有类型 {name}。"),
                format!("There is no type {name}."),
            ),
            Self::PageSize { argument, most, .. } => (
                format!("{argument} 应在 0 至 {most} 之间：每页最多 {most} 条。"),
                format!("{argument} must be from 0 to {most}: a page holds at most {most} items."),
            ),
            Self::Variable { path, expected, example, .. } => {
                let (zh, en) = such_as(*example);
                (
                    format!("变量 ${path} 的值不符合类型 {expected}{zh}。"),
                    format!("The value of ${path} is not of type {expected}{en}."),
                )
            }
            Self::UnknownField { path, field, of, .. } => (
                format!("变量 ${path} 不可用：输入类型 {of} 没有字段 {field}。"),
                format!("${path} cannot be used: there is no field {field} on the input type {of}."),
            ),
            Self::Conflict { name, .. } => (
                format!("结果名 {name} 对应了不同的字段。"),
                format!("The response name {name} stands for different fields."),
            ),
            Self::Literal { input, expected, example, .. } => {
                let (zh, en) = such_as(*example);
                (
                    format!("{input} 的值不符合类型 {expected}{zh}。"),
                    format!("The value of {input} is not of type {expected}{en}."),
                )
            }
            Self::VariablePosition { name, expected, .. } => (
                format!("变量 ${name} 不能用在需要 {expected} 的位置。"),
                format!("The variable ${name} cannot be used where {expected} is expected."),
            ),
        };
        match language {
            Language::ZhCn => zh,
            Language::En => en,
        }
    }
}

fn too_complex(what: Measure, most: u64) -> (String, String) {
    let (zh, en) = what.words();
    (
        format!("查询过于复杂：{zh}最多 {most}。"),
        format!("The query is too complex: at most {most} {en}."),
    )
}

/// What a value looks like, in both languages.
fn such_as(example: Option<&str>) -> (String, String) {
    example.map_or_else(Default::default, |example| {
        (
            format!("（例如 {example}）"),
            format!(" (such as {example})"),
        )
    })
}

impl Measure {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Query => ("文档字节数", "bytes of document"),
            Self::Tokens => ("词法单元", "tokens"),
            Self::Nesting => ("括号嵌套", "nested brackets"),
            Self::Definitions => ("操作与片段", "operations and fragments"),
            Self::Aliases => ("别名", "aliases"),
            Self::Directives => ("指令", "directives"),
            Self::Fields => ("字段", "fields"),
            Self::Selections => (
                "展开后的字段与片段",
                "fields and fragments, wherever they are spread",
            ),
            Self::Comparisons => (
                "同一响应名下字段及其参数的比较",
                "comparisons of fields that answer under one name, and of their arguments",
            ),
            Self::Depth => ("层级", "levels"),
            Self::Roots => ("根字段", "root fields"),
            Self::Introspection => ("内省列表嵌套", "nested lists of introspection"),
            Self::Cost => ("开销", "points of cost"),
            Self::Operations => ("同时进行的操作", "operations at once"),
            Self::Subscriptions => ("同时进行的订阅", "subscriptions at once"),
            Self::Values => ("参数与变量中的值", "values in arguments and variables"),
            Self::Text => ("参数中文本的字节数", "bytes of text in arguments"),
            Self::Name => ("名称字节数", "bytes of a name"),
        }
    }
}
