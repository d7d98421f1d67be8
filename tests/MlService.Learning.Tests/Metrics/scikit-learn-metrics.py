# Prints data and expected values of MetricsAgainstScikitLearnTests (Debian: apt-get install python3-sklearn).
import numpy as np, sklearn
from sklearn import metrics as m

r = np.random.RandomState(7)
y = (r.rand(40) < 0.4).astype(int)
s = np.round(np.clip(r.rand(40) * 0.7 + y * 0.25, 0, 1), 2)
print("// scikit-learn", sklearn.__version__)
print("scores:", ", ".join(f"{v:g}f" for v in s))
print("labels:", ", ".join(str(v) for v in y))
s = s.astype(np.float32).astype(float)
p = (s >= 0.5).astype(int)
print("auc", repr(m.roc_auc_score(y, s)), "log_loss", repr(m.log_loss(y, s)), "brier", repr(m.brier_score_loss(y, s)))
print("accuracy", repr(m.accuracy_score(y, p)), "precision", repr(m.precision_score(y, p)), "recall", repr(m.recall_score(y, p)),
      "f1", repr(m.f1_score(y, p)))
t = r.randint(0, 4, 60); q = np.where(r.rand(60) < 0.6, t, r.randint(0, 4, 60))
print("actual:", ", ".join(map(str, t))); print("predicted:", ", ".join(map(str, q)))
print("macro_f1", repr(m.f1_score(t, q, average="macro")), "accuracy", repr(m.accuracy_score(t, q)))
a = np.round(r.randn(25) * 10 + 30, 1); b = np.round(a + r.randn(25) * 4 - 1, 1)
print("targets:", ", ".join(map(str, a))); print("predictions:", ", ".join(map(str, b)))
print("rmse", repr(m.mean_squared_error(a, b) ** 0.5), "mae", repr(m.mean_absolute_error(a, b)),
      "mape", repr(m.mean_absolute_percentage_error(a, b)), "r2", repr(m.r2_score(a, b)))
