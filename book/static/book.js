// A widget asks the system whether it shall be light or dark. On this site, the reader may have chosen otherwise.
function follow(frame) {
  const inside = frame.contentDocument, theme = document.documentElement.dataset.theme;
  inside.documentElement.style.colorScheme = theme;
  for (const sheet of inside.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule.media && (rule.asked ??= rule.media.mediaText).includes("prefers-color-scheme: dark"))
        rule.media.mediaText = theme === "dark" ? "all" : "not all";
}

addEventListener("DOMContentLoaded", () => {
  const frames = document.querySelectorAll("iframe[srcdoc]");
  for (const frame of frames) {
    follow(frame);
    frame.addEventListener("load", () => follow(frame));
  }
  new MutationObserver(() => frames.forEach(follow)).observe(document.documentElement, { attributeFilter: ["data-theme"] });
});
