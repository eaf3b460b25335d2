// The page's own words, in both languages. The server's answers come in the same language by Accept-Language.

const WORDS = {
  "zh-CN": {
    skip: "跳到查询", tagline: "每个部门只看到自己的任务。选两个账号，亲眼看看。", docs: "文档", language: "语言",
    who: "谁在查询", compare: "与另一个账号并排比较", operation: "操作", query: "查询", variables: "变量（JSON）",
    run: "运行", reset: "还原", answer: "结果", searchDocs: "搜索文档", search: "搜索类型、字段、说明…",
    anonymous: "未登录", signIn: "登录", username: "用户名", password: "密码",
    badJson: "变量不是合法的 JSON：", running: "查询中…", failed: "请求失败：", signedIn: "已登录：", badSignIn: "登录失败：",
    status: "状态", time: "耗时", statements: "SQL 语句", size: "大小", request: "请求编号", account: "账号",
    same: "两个账号的结果完全相同。", onlyA: "仅 A", onlyB: "仅 B", changed: "不同",
    summary: "A 看到 {a} 项，B 看到 {b} 项，其中 {both} 项两者都能看到。", differences: "共 {n} 处不同。",
    noIntrospection: "此服务器未开放内省：没有补全与文档。", hint: "Ctrl+Enter 运行，Ctrl+空格 补全。点击结果中的 id 可填入变量。",
    nothing: "没有匹配的内容。", back: "返回", roots: "从这里开始", done: "完成：{status}，{ms} 毫秒，{n} 条 SQL 语句。",
    noVariable: "已复制 id",
    admin: "管理员", office: "督查室", leader: "市领导", unit: "部门",
    subjects: "操作分类", operations: "操作", files: "文件", file: "文件", noFile: "请先选择文件：{name}", filled: "已填入变量 {name}",
    both: "正在比较：两个账号都会执行此操作。",
    live: "实时事件", stop: "停止", listening: "正在接收", connecting: "连接中", events: "，{n} 条事件", streamStopped: "已停止",
    streamEnded: "连接已断开（{why}）", streamForbidden: "已断开：未登录，或登录已失效", subscribed: "已订阅。事件显示在下方，可切换到其他操作继续。",
    "subject.targets": "任务", "subject.reports": "报送", "subject.requests": "细化与申请", "subject.loop": "督办与批示", "subject.portal": "动态",
    "subject.statistics": "统计", "subject.steering": "规则与亮灯", "subject.session": "登录", "subject.administration": "系统管理", "subject.audit": "审计",
  },
  en: {
    skip: "Skip to the query", tagline: "Each department sees its own targets alone. Pick two accounts and look.", docs: "Documentation", language: "Language",
    who: "Who asks", compare: "compare with another account, side by side", operation: "Operation", query: "Query", variables: "Variables (JSON)",
    run: "Run", reset: "Reset", answer: "Answer", searchDocs: "Search the documentation", search: "Search types, fields, descriptions…",
    anonymous: "nobody", signIn: "Sign in", username: "User name", password: "Password",
    badJson: "The variables are not valid JSON: ", running: "Asking…", failed: "The request failed: ", signedIn: "Signed in: ", badSignIn: "Signing in failed: ",
    status: "status", time: "time", statements: "SQL statements", size: "size", request: "request ID", account: "account",
    same: "Both accounts get the same answer.", onlyA: "A only", onlyB: "B only", changed: "differs",
    summary: "A sees {a}, B sees {b}; {both} of them are seen by both.", differences: "{n} differences.",
    noIntrospection: "Introspection is off on this server: no completion, no documentation.", hint: "Ctrl+Enter runs, Ctrl+Space completes. An id in the answer can be clicked to become a variable.",
    nothing: "Nothing found.", back: "Back", roots: "Start here", done: "Done: {status}, {ms} ms, {n} SQL statements.",
    noVariable: "The id was copied",
    admin: "Administrators", office: "Supervision office", leader: "Leaders", unit: "Departments",
    subjects: "Subjects", operations: "Operations", files: "Files", file: "File", noFile: "Choose a file first: {name}", filled: "Became the variable {name}",
    both: "Comparing: both accounts will do this.",
    live: "Live events", stop: "Stop", listening: "listening", connecting: "connecting", events: ", events: {n}", streamStopped: "stopped",
    streamEnded: "the connection ended ({why})", streamForbidden: "ended: nobody is signed in, or the session is over", subscribed: "Subscribed. Events appear below while you go on with other operations.",
    "subject.targets": "Targets", "subject.reports": "Reports", "subject.requests": "Plans and requests", "subject.loop": "Notices and instructions", "subject.portal": "What happens",
    "subject.statistics": "Statistics", "subject.steering": "Rules and lights", "subject.session": "Session", "subject.administration": "Administration", "subject.audit": "Audit",
  },
};

let language = navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";

/** The language of the page and of the answers. */
export const current = () => language;

/** A sentence, with its {places} filled. */
export function say(key, places = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => places[name] ?? "");
}

/** The words of a key, or the other text where there are none. */
export const sayOr = (key, other) => WORDS[language][key] ?? other;

/** Changes the language, and every text and label of the page that names its key. */
export function speak(next) {
  language = next in WORDS ? next : "en";
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
}
