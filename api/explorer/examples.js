// Words for variables, of which a schema says no more than that they are text. By the variable's name, or by the operation's and
// its own, in both languages.

const WORDS = {
  "zh-CN": {
    reason: "因用地指标尚未落实，进度滞后。", comment: "情况属实。", body: "请说明工作进展和下一步措施。",
    summary: "目标任务已全部完成，佐证材料已上传。", title: "完成初步设计批复", progress: "主体工程已完成六成，按计划推进。",
    problems: "用地指标尚未落实。", nextSteps: "十一月底前完成招标。", username: "wang.fang", displayName: "王芳", search: "项目",
    "CreateUnit.name": "市低空经济办", "CreateUnit.fullName": "台州市低空经济发展办公室", "CreateLeader.name": "李明", "AddTarget.text": "新建产业园区3个。",
  },
  en: {
    reason: "Land quotas are not settled yet, so the work is behind.", comment: "Checked and found true.", body: "Please report how the work stands and what comes next.",
    summary: "The target is met; the evidence is uploaded.", title: "Preliminary design approved", progress: "Six tenths of the main works are built, as planned.",
    problems: "Land quotas are not settled yet.", nextSteps: "The tender closes by the end of November.", username: "wang.fang", displayName: "Wang Fang", search: "项目",
    "CreateUnit.name": "市低空经济办", "CreateUnit.fullName": "台州市低空经济发展办公室", "CreateLeader.name": "Li Ming", "AddTarget.text": "新建产业园区3个。",
  },
};

/** A text for a variable's name, or for an operation's variable; undefined when nothing is known for it. */
export const example = (name, language) => (WORDS[language] ?? WORDS.en)[name];
