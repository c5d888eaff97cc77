// The search's order: what Sphinx does by itself, but pages about a word come before lessons and the API that use it.
var Scorer = {
  score: ([page, , , , score]) => score - (page.startsWith("reference/api/") ? 5 : page.startsWith("lessons/") ? 2 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
