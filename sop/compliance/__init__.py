"""Compliance of texts and campaigns: what a bank may not say, and what a draw must not depend on.

`rules` judges, `words.yaml` holds the words with their sources, `waiver` lets a person take
responsibility in writing. Everything here is pure and knows nothing of files but its own data.
"""
