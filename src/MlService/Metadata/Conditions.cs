using System.Linq.Expressions;

namespace MlService.Metadata;

/// <summary>Puts conditions on rows together; EF Core turns the whole into one SQL statement.</summary>
internal static class Conditions
{
    /// <summary>Both hold.</summary>
    public static Expression<Func<T, bool>> And<T>(this Expression<Func<T, bool>> left, Expression<Func<T, bool>> right) =>
        Expression.Lambda<Func<T, bool>>(Expression.AndAlso(left.Body, right.On(left.Parameters[0])), left.Parameters);

    /// <summary>One holds or the other.</summary>
    public static Expression<Func<T, bool>> Or<T>(this Expression<Func<T, bool>> left, Expression<Func<T, bool>> right) =>
        Expression.Lambda<Func<T, bool>>(Expression.OrElse(left.Body, right.On(left.Parameters[0])), left.Parameters);

    /// <summary>A function of a column's value.</summary>
    public static Expression<Func<T, TResult>> Then<T, TValue, TResult>(
        this Expression<Func<T, TValue>> column, Expression<Func<TValue, TResult>> function) =>
        Expression.Lambda<Func<T, TResult>>(function.On(column.Body), column.Parameters);

    private static Expression On(this LambdaExpression function, Expression argument) =>
        new Substitution(function.Parameters[0], argument).Visit(function.Body);

    private sealed class Substitution(ParameterExpression parameter, Expression replacement) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? replacement : node;
    }
}
