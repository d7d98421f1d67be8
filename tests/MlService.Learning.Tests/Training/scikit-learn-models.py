# Prints the expected values of ModelsAgainstScikitLearnTests (Debian: apt-get install python3-sklearn).
# Data of whole numbers that the test makes itself, by the same formulas.
import numpy as np, sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

print("// scikit-learn", sklearn.__version__)
i = np.arange(3000)
n = (i * 7919 % 101) / 10.0 - 5         # -5 to 5
a = i * 104729 % 7                      # a category
u = (i * 31337 % 1009) / 1009.0         # noise
score = 0.6 * n + np.array([-2, -1, 0, 0.5, 1, 1.5, 3])[a] - 0.5
binary = (u < 1 / (1 + np.exp(-score))).astype(int)
classes = np.where(u < 1 / (1 + np.exp(-score)), np.where(i * 7 % 13 < 4 + a, 2, 1), 0)
number = score * 3 + (u - 0.5) * 4 + 20
scaled = StandardScaler().fit_transform(n[:, None])
x = np.hstack([scaled, np.eye(7)[a]])
print("mean and deviation of n:", repr(float(n.mean())), repr(float(n.std())))

rows = [0, 1, 2, 777, 1500, 2999]
l2 = 1e-3                               # of the mean loss: C = 1 / (n * l2)
m = LogisticRegression(C=1 / (len(i) * l2), tol=1e-10, max_iter=10000).fit(x, binary)
print("binary:", [round(float(p), 5) for p in m.predict_proba(x[rows])[:, 1]])
m = LogisticRegression(C=1 / (len(i) * l2), tol=1e-10, max_iter=10000, multi_class="multinomial").fit(x, classes)
print("multiclass:", [[round(float(p), 5) for p in row] for row in m.predict_proba(x[rows])])
z = (number - number.mean()) / number.std()
m = Ridge(alpha=len(i) * l2, tol=1e-10).fit(x, z)
print("regression:", [round(float(p), 4) for p in m.predict(x[rows]) * number.std() + number.mean()])

texts = ["sun and rain", "rain rain and fog", "sun", "hail and wind and rain", "fog fog sun"]
v = TfidfVectorizer(token_pattern=r"\S+", binary=True)
t = v.fit_transform(texts).toarray()
names = list(v.get_feature_names_out())
print("tfidf:", [{w: round(float(row[names.index(w)]), 6) for w in sorted(set(text.split()))} for row, text in zip(t, texts)])
