"""Scikit-learn's linear models on encoded rows: `scikit_learn.py TYPE FEATURES TRAIN TEST`, files in svmlight form.

Prints a line of JSON: the test result of the model whose penalty and strength cross-validation on the train file
chose, the choice, and the result of the default model."""
import json
import sys
import warnings

import numpy
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, mean_squared_error, roc_auc_score
from sklearn.model_selection import KFold

SMALL = 5_000
LARGE = 100_000


def models(kind, rows):
    strengths = (0.01, 0.1, 1, 10, 100)
    if kind == "Regression":
        return {f"Ridge alpha={1 / c:g}": Ridge(alpha=1 / c, solver="sparse_cg", tol=1e-6) for c in strengths}
    if kind == "Multiclass":
        return {f"L2 C={c:g}": LogisticRegression(C=c, max_iter=300) for c in strengths}
    penalties = ("l1", "l2") if rows <= LARGE else ("l2",)
    return {f"{penalty.upper()} C={c:g}": LogisticRegression(C=c, penalty=penalty, solver="liblinear", random_state=0)
            for penalty in penalties for c in strengths}


def score(kind, model, x, y):
    """Greater is better."""
    if kind == "Binary":
        return roc_auc_score(y, model.decision_function(x)) if len(set(y)) > 1 else 0.5
    if kind == "Multiclass":
        return f1_score(y, model.predict(x), average="macro", zero_division=0)
    return -mean_squared_error(y, model.predict(x), squared=False)


def main(kind, features, train, test):
    warnings.filterwarnings("ignore")
    x, y = load_svmlight_file(train, n_features=int(features), zero_based=True)
    x_test, y_test = load_svmlight_file(test, n_features=int(features), zero_based=True)
    candidates = models(kind, len(y))
    scores = {name: [] for name in candidates}
    for learn, held in KFold(10 if len(y) <= SMALL else 3).split(x):
        for name, model in candidates.items():
            scores[name].append(score(kind, model.fit(x[learn], y[learn]), x[held], y[held]))
    best = max(scores, key=lambda name: numpy.mean(scores[name]))
    default = Ridge() if kind == "Regression" else LogisticRegression(max_iter=300)
    print(json.dumps({
        "tuned": abs(score(kind, candidates[best].fit(x, y), x_test, y_test)),
        "choice": best,
        "default": abs(score(kind, default.fit(x, y), x_test, y_test)),
    }))


main(*sys.argv[1:])
