"""The author's side: from an authored lesson to the notebook that is handed out."""
