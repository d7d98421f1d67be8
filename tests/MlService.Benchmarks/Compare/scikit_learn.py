"""The peer scikit-learn: CSV to a fitted pipeline, its quality, and its scores as a CSV file.

Arguments: the task (binary, multiclass, regression), the CSV file to train on, the one to test on, and the file to write scores to.
A line "train", "score" or "batch" on the standard input does one of them and is answered by a line; "score" by the AUC, the accuracy
or the root of the mean squared error.
"""
import sys

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

task, train_path, test_path, result_path = sys.argv[1:]
numbers = [f"n{i}" for i in range(8)]
categories = [f"c{i}" for i in range(8)]
flags = ["b0", "b1"]
model = None


def read(path):
    text = {name: str for name in [*categories, "txt"]}
    data = pd.read_csv(path, dtype=text | ({"y": str} if task == "multiclass" else {}))
    data[[*categories, "txt"]] = data[[*categories, "txt"]].fillna("")
    return data.fillna(0)


def train():
    global model
    # Epochs as the fastest of its settings that still learns well: averaged SGD over one-hot columns.
    settings = dict(average=True, max_iter=5 if task == "multiclass" else 10, tol=None, random_state=7)
    learner = SGDRegressor(**settings) if task == "regression" else SGDClassifier(loss="log_loss", **settings)
    model = Pipeline([
        ("features", ColumnTransformer([
            ("numbers", StandardScaler(), numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore"), categories),
            ("flags", "passthrough", flags),
            ("words", CountVectorizer(binary=True), "txt"),
        ])),
        ("learner", learner),
    ])
    data = read(train_path)
    model.fit(data, data["y"])
    return "trained"


def scores(data):
    return model.predict_proba(data)[:, 1] if task == "binary" else model.predict(data)


def score():
    data = read(test_path)
    found, actual = scores(data), data["y"]
    if task == "binary":
        return roc_auc_score(actual, found)
    return (found == actual).mean() if task == "multiclass" else np.sqrt(np.mean((found - actual) ** 2))


def batch():
    data = read(test_path)
    pd.DataFrame({"trueLabel": data["y"], "score": scores(data)}).to_csv(result_path, index=False)
    return "written"


for line in sys.stdin:
    print({"train": train, "score": score, "batch": batch}[line.strip()](), flush=True)
