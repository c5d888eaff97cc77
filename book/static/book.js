// A widget asks the system whether it shall be light or dark. On this site, the reader may have chosen otherwise.
const darkRules = new Map(); // frame -> what its style sheets say of the dark

function read(frame) {
  const rules = [...frame.contentDocument.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  darkRules.set(frame, rules.filter((rule) => rule.media?.mediaText.includes("prefers-color-scheme: dark")));
  follow(frame);
}

function follow(frame) {
  const theme = document.documentElement.dataset.theme;
  frame.contentDocument.documentElement.style.colorScheme = theme;
  for (const rule of darkRules.get(frame)) rule.media.mediaText = theme === "dark" ? "all" : "not all";
}

addEventListener("DOMContentLoaded", () => {
  for (const frame of document.querySelectorAll("iframe[srcdoc]")) {
    frame.addEventListener("load", () => read(frame));
    if (frame.contentDocument?.styleSheets.length) read(frame);
  }
  const all = () => [...darkRules.keys()].forEach(follow);
  new MutationObserver(all).observe(document.documentElement, { attributeFilter: ["data-theme"] });
});
