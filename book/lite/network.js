// JupyterLab in the browser waits for ever where Python cannot be loaded. Look for it first, and say what is missing.
const python = new URL(document.currentScript.dataset.python, new URL("..", location.href)).href;

fetch(python, { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(4000) })
  .then((answer) => { if (answer.type !== "opaque" && !answer.ok) throw new Error(answer.status); })
  .catch(() => {
    const bar = document.createElement("p");
    bar.id = "network";
    bar.setAttribute("role", "alert");
    bar.style = "position: fixed; z-index: 10000; inset: auto 0 0 0; margin: 0; padding: 0.8rem 1rem; " +
      "background: #7a2e0e; color: #fff; font: 15px system-ui, sans-serif; overflow-wrap: anywhere;";
    bar.textContent = `Python could not be loaded from ${python}, so no cell will run. ` +
      "Look whether this browser has a network and may reach that address, and load the page again.";
    const show = () => document.body.append(bar);
    document.body ? show() : addEventListener("DOMContentLoaded", show);
  });
