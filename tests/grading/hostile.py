"""Text that tries to be more than text where somebody reads it in a browser, and ways to see that it was."""

import base64

RUN = "document.title='run'"
SCRIPT = f"<script>{RUN}</script>"
PAGE = "data:text/html;base64," + base64.b64encode(SCRIPT.encode()).decode()
SVG = base64.b64encode(f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"/>'.encode()).decode()
DOT = (  # a red dot, as a PNG
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="
)
WORDS = "It shares memory."
GOOD = f"""
{WORDS} A **bold** word, `code`, $x^2$, [a page](https://example.org/page), and a picture ![dot](attachment:dot.png).

| a | b |
|---|---|
| 1 | 2 |
"""
EVIL = {
    "a script": SCRIPT,
    "a tag's event": f'<img src=x onerror="{RUN}"> <b onmouseover="{RUN}" onclick="{RUN}">bold</b>',
    "a script link": f"[link](javascript:{RUN})",
    "a script link in capitals": f"[link](JaVaScRiPt:{RUN})",
    "a hidden scheme": f"[link](java\\script:{RUN}) [link](javascript\\:{RUN})",
    "a reference link": f"[link][evil]\n\n[evil]: javascript:{RUN}",
    "a reference link with a backslash": f"[link][evil2]\n\n[evil2]: java\\script:{RUN}",
    "entities in a scheme": f'<a href="java&#x0A;script:{RUN}">link</a> <a href="&#106;avascript:{RUN}">link</a>',
    "a control character before a scheme": f'<a href="&#1;javascript:{RUN}">link</a>',
    "an autolink": f"<javascript:{RUN}>",
    "a prefix that nbconvert takes away": f'<a href="files/javascript:{RUN}">link</a> [link](files/javascript:{RUN})',
    "a prefix beside a picture": f"<a title=\"x\" href='/files/javascript:{RUN}'>link</a>",
    "vbscript": "[link](vbscript:msgbox)",
    "a page in a link": f"[link]({PAGE})",
    "a page without a type": "<a href='data:,x'>link</a>",
    "a picture that is a program": f"![x](data:image/svg+xml;base64,{SVG}) <img src='data:image/svg+xml;base64,{SVG}'>",
    "a picture from elsewhere": "![x](https://t.x/1.png) <img src='//t.x/2.png' srcset='//t.x/3.png'>",
    "a picture of this server": "![x](/logout) <img src='/formgrader/api/assignments'>",
    "a background": "<div style='background:url(//t.x/4.png)'>x</div><table background=//t.x/5.png><tr><td>x</td></tr></table>",
    "a style sheet": "<style>body { background: url(https://t.x/6.png) }</style><link rel=stylesheet href=//t.x/7.css>",
    "a frame": f'<iframe srcdoc="{SCRIPT}"></iframe><object data="{PAGE}"></object><embed src="{PAGE}">',
    "a drawing": f'<svg onload="{RUN}"><a xlink:href="javascript:{RUN}"><text y=9>link</text></a></svg>',
    "mathematics": f'<math><mtext><a xlink:href="javascript:{RUN}">link</a></mtext></math>',
    "a form": f'<form action="javascript:{RUN}"><button>link</button><input class="score" value="2"></form>',
    "another base": "<base href='https://t.x/'><meta http-equiv=refresh content='0;url=https://t.x/8'>",
    "text that changes when it is read again": f'<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript>',
    "a comment": f"<!--><img src=x onerror={RUN}>--> <![CDATA[><img src=x onerror={RUN}>]]>",
    "the page's own buttons": '<span class="btn full-credit">link</span><a id="share-check" name="score" href="#">link</a>',
    "a formula with a link": f"$\\href{{javascript:{RUN}}}{{link}}$ and $\\href{{java\\script:{RUN}}}{{link}}$",
    "a formula with a style": "$\\style{background: url(https://t.x/9.png)}{x} \\class{full-credit}{y} \\cssId{mean-check}{z}$",
    "a formula with attributes": f"$\\mmlToken{{mtext}}[href='javascript:{RUN}' style='background: url(https://t.x/10.png)']{{link}}$",
    "a formula with a box": "$\\bbox[5px, background: url(https://t.x/11.png)]{x}$ $\\bbox[url(https://t.x/12.png)]{x}$",
    "a formula that loads more": f"$\\require{{HTML}}\\href{{javascript:{RUN}}}{{link}}$ $\\require{{https://t.x/13}}x$",
    "a formula's own script": f'<script type="text/x-mathjax-config">{RUN}</script><script type="math/tex">x</script>',
    "a formula with HTML": f"$\\text{{<img src=x onerror={RUN}>}}$ $$<img src=x onerror={RUN}>$$",
    "an attachment that is a page": "![x](attachment:page) ![x](attachment:name)",
}
ATTACHED = {
    "dot.png": {"image/png": DOT},
    "page": {"text/html": base64.b64encode(SCRIPT.encode()).decode()},
    "name": {f'image/png;base64,"onerror="{RUN}': DOT},
}
