namespace MlService.Samples;

/// <summary>Who is called: an invented person whose age, family and schooling fit the job.</summary>
internal readonly record struct Customer(
    int Age, string Job, string Marital, string Education, string Default, string Housing, string Loan)
{
    /// <summary>A job, its share in normal times and in a slump, the age of those who have it, and their schooling.</summary>
    sealed record Occupation(string Name, int Share, int SlumpShare, double AgeMean, double AgeDeviation, int[] Schooling);

    public static readonly string[] Educations =
        ["basic.4y", "basic.6y", "basic.9y", "high.school", "illiterate", "professional.course", "university.degree", "unknown"];

    static readonly Occupation[] Occupations =
    [
        new("admin.", 256, 250, 37.5, 8.8, [8, 14, 46, 320, 0, 35, 552, 25]),
        new("blue-collar", 240, 60, 39.0, 8.7, [248, 155, 388, 96, 1, 48, 12, 52]),
        new("entrepreneur", 37, 18, 41.5, 8.9, [92, 48, 144, 160, 1, 92, 420, 43]),
        new("housemaid", 25, 30, 45.0, 10.8, [446, 72, 90, 164, 1, 56, 131, 40]),
        new("management", 71, 75, 42.0, 9.2, [34, 29, 56, 102, 0, 31, 706, 42]),
        new("retired", 27, 160, 62.0, 10.3, [347, 44, 84, 160, 2, 140, 165, 58]),
        new("self-employed", 35, 27, 39.7, 9.4, [66, 18, 154, 83, 2, 118, 537, 22]),
        new("services", 101, 50, 37.6, 9.0, [33, 57, 98, 676, 0, 55, 43, 38]),
        new("student", 12, 105, 25.5, 4.9, [30, 15, 112, 408, 0, 50, 195, 190]),
        new("technician", 167, 145, 38.0, 8.6, [9, 13, 57, 130, 0, 491, 268, 32]),
        new("unemployed", 24, 33, 39.4, 9.2, [110, 34, 184, 256, 0, 140, 258, 18]),
        new("unknown", 8, 9, 45.0, 11.1, [158, 67, 94, 112, 0, 36, 136, 397]),
    ];

    public static readonly string[] Jobs = Array.ConvertAll(Occupations, occupation => occupation.Name);

    static readonly int[] Shares = Array.ConvertAll(Occupations, occupation => occupation.Share);
    static readonly int[] SlumpShares = Array.ConvertAll(Occupations, occupation => occupation.SlumpShare);

    static readonly PiecewiseLinear SingleByAge = new((18, 0.97), (25, 0.75), (30, 0.48), (40, 0.18), (50, 0.08), (60, 0.03));
    static readonly PiecewiseLinear DivorcedByAge = new((22, 0.00), (30, 0.06), (40, 0.12), (55, 0.18), (90, 0.22));

    /// <summary>Draws a customer as the bank calls them in a slump or outside of one.</summary>
    public static Customer Draw(Xoshiro256 random, bool inSlump)
    {
        var job = Occupations[random.NextIndex(inSlump ? SlumpShares : Shares)];
        var age = DrawAge(random, job);
        var education = Educations[random.NextIndex(job.Schooling)];
        var (housing, loan) = DrawCredit(random);
        return new(age, job.Name, DrawMarital(random, age), education, DrawDefault(random, age, education), housing, loan);
    }

    /// <summary>Ages lean to the right: half a normal curve on each side of the mode, the older side twice as wide.</summary>
    static int DrawAge(Xoshiro256 random, Occupation job)
    {
        var mode = job.AgeMean - 0.25 * job.AgeDeviation;
        var z = random.NextGaussian();
        return Math.Clamp((int)(mode + job.AgeDeviation * z * (z < 0 ? 0.625 : 1.25)), 17, 95);
    }

    static string DrawMarital(Xoshiro256 random, int age)
    {
        var draw = random.NextDouble() - 0.002;
        var single = SingleByAge.At(age);
        return draw < 0 ? "unknown"
            : draw < single ? "single"
            : draw < single + DivorcedByAge.At(age) ? "divorced"
            : "married";
    }

    static string DrawDefault(Xoshiro256 random, int age, string education)
    {
        var unknown = 0.12 + 0.004 * (age - 25) + (education.StartsWith("basic", StringComparison.Ordinal) ? 0.12 : 0);
        return random.NextBool(0.0002) ? "yes" : random.NextBool(unknown) ? "unknown" : "no";
    }

    /// <summary>Housing and consumer loan: where one is unknown, both are.</summary>
    static (string Housing, string Loan) DrawCredit(Xoshiro256 random)
    {
        if (random.NextBool(0.024))
            return ("unknown", "unknown");
        var housing = random.NextBool(0.54);
        return (housing ? "yes" : "no", random.NextBool(housing ? 0.17 : 0.14) ? "yes" : "no");
    }
}
