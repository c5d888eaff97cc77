// JupyterLab in the browser waits for ever where Python cannot be loaded. Look for it first, and say what is missing.
const usual = document.currentScript.dataset.python, site = new URL("..", location.href);
const kernel = "@jupyterlite/pyodide-kernel-extension:kernel";

async function look() {
  const settings = await (await fetch(new URL("jupyter-lite.json", site))).json();
  const own = settings["jupyter-config-data"]?.litePluginSettings?.[kernel]?.pyodideUrl;
  const python = new URL(own ?? usual, site).href;
  try {
    const answer = await fetch(python, { mode: "no-cors", signal: AbortSignal.timeout(4000) });
    if (answer.type !== "opaque" && !answer.ok) throw new Error(answer.statusText);
  } catch {
    say(`Python could not be loaded from ${python}, so no cell will run. ` +
      "Look whether this browser has a network and may reach that address, and load the page again.");
  }
}

function say(sentence) {
  const bar = document.createElement("p");
  bar.id = "network";
  bar.setAttribute("role", "alert");
  bar.style = "position: fixed; z-index: 10000; inset: auto 0 0 0; margin: 0; padding: 0.8rem 1rem; " +
    "background: #7a2e0e; color: #fff; font: 15px system-ui, sans-serif; overflow-wrap: anywhere;";
  bar.textContent = sentence;
  document.body.append(bar);
}

addEventListener("DOMContentLoaded", look);
