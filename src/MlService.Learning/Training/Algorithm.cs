namespace MlService.Learning.Training;

/// <summary>What learns.</summary>
public enum Algorithm
{
    /// <summary><c>sgd</c>: a linear model by stochastic gradient descent.</summary>
    Sgd,

    /// <summary><c>fastTree</c>: trees by the gradient boosting of Microsoft.ML.</summary>
    FastTree,

    /// <summary><c>lightGbm</c>: trees by LightGBM.</summary>
    LightGbm,
}
