namespace MlService.Amazon;

/// <summary>The types of the service model 2014-12-12, with their limits, patterns and words.</summary>
internal static class Shapes
{
    private const string VisibleOrEmpty = @".*\S.*|^$";
    private const string TagCharacters = @"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";

    // Scalars.
    public static readonly Shape Algorithm = new StringShape(values: ["sgd"]);
    public static readonly Shape AwsUserArn = new StringShape(pattern: "arn:aws:iam::[0-9]+:((user/.+)|(root))");
    public static readonly Shape Boolean = new BooleanShape();
    public static readonly Shape ComparatorValue = new StringShape(max: 1024, pattern: VisibleOrEmpty);
    public static readonly Shape DataRearrangement = new StringShape();
    public static readonly Shape DataSchema = new StringShape(max: 131_071);
    public static readonly Shape EdpRole = new StringShape(1, 64);
    public static readonly Shape EdpResource = new StringShape(1, 255);
    public static readonly Shape EdpPipelineId = new StringShape(1, 1024);
    public static readonly Shape EntityId = new StringShape(1, 64, "[a-zA-Z0-9_.-]+");
    public static readonly Shape EntityName = new StringShape(max: 1024, pattern: VisibleOrEmpty);
    public static readonly Shape EntityStatus = new StringShape(values: ["PENDING", "INPROGRESS", "FAILED", "COMPLETED", "DELETED"]);
    public static readonly Shape Float = new FloatShape();
    public static readonly Shape Integer = new IntegerShape();
    public static readonly Shape Label = new StringShape(1);
    public static readonly Shape Message = new StringShape(max: 10_240);
    public static readonly Shape ModelName = new StringShape(max: 1024);
    public static readonly Shape ModelType = new StringShape(values: ["REGRESSION", "BINARY", "MULTICLASS"]);
    public static readonly Shape PageLimit = new IntegerShape(1, 100);
    public static readonly Shape RdsDatabaseName = new StringShape(1, 64);
    public static readonly Shape RdsPassword = new StringShape(8, 128);
    public static readonly Shape RdsUsername = new StringShape(1, 128);
    public static readonly Shape InstanceIdentifier = new StringShape(1, 63, "[a-z0-9-]+");
    public static readonly Shape SelectSqlQuery = new StringShape(1, 16_777_216);
    public static readonly Shape RealtimeEndpointStatus = new StringShape(values: ["NONE", "READY", "UPDATING", "FAILED"]);
    public static readonly Shape Recipe = new StringShape(max: 131_071);
    public static readonly Shape RedshiftDatabaseName = new StringShape(1, 64, "[a-z0-9]+");
    public static readonly Shape RedshiftPassword = new StringShape(8, 64);
    public static readonly Shape RedshiftUsername = new StringShape(1, 128);
    public static readonly Shape RoleArn = new StringShape(1, 110);
    public static readonly Shape S3Url = new StringShape(max: 2048, pattern: "s3://([^/]+)(/.*)?");
    public static readonly Shape SortOrder = new StringShape(values: ["asc", "dsc"]);
    public static readonly Shape Text = new StringShape();
    public static readonly Shape TagKey = new StringShape(1, 128, TagCharacters, error: AmazonException.InvalidTag);
    public static readonly Shape TagValue = new StringShape(0, 256, TagCharacters, error: AmazonException.InvalidTag);
    public static readonly Shape TaggableResourceType = new StringShape(values: ["BatchPrediction", "DataSource", "Evaluation", "MLModel"]);
    public static readonly Shape Timestamp = new TimestampShape();

    // The model's pattern asks for a host of amazon.com, which no server but Amazon's can have; no client checks it.
    public static readonly Shape EndpointUrl = new StringShape(max: 2048);

    // Variables to filter and sort by.
    public static readonly Shape BatchPredictionFilter = new StringShape(
        values: ["CreatedAt", "LastUpdatedAt", "Status", "Name", "IAMUser", "MLModelId", "DataSourceId", "DataURI"]);

    public static readonly Shape DataSourceFilter = new StringShape(
        values: ["CreatedAt", "LastUpdatedAt", "Status", "Name", "DataLocationS3", "IAMUser"]);

    public static readonly Shape EvaluationFilter = new StringShape(
        values: ["CreatedAt", "LastUpdatedAt", "Status", "Name", "IAMUser", "MLModelId", "DataSourceId", "DataURI"]);

    public static readonly Shape ModelFilter = new StringShape(values:
    [
        "CreatedAt", "LastUpdatedAt", "Status", "Name", "IAMUser", "TrainingDataSourceId", "RealtimeEndpointStatus", "MLModelType",
        "Algorithm", "TrainingDataURI",
    ]);

    // Structures of requests.
    public static readonly StructureShape S3DataSpec = new(
        ("DataLocationS3*", S3Url), ("DataRearrangement", DataRearrangement), ("DataSchema", DataSchema), ("DataSchemaLocationS3", S3Url));

    public static readonly StructureShape RedshiftDatabase = new(
        ("DatabaseName*", RedshiftDatabaseName), ("ClusterIdentifier*", InstanceIdentifier));

    public static readonly StructureShape RedshiftDataSpec = new(
        ("DatabaseInformation*", RedshiftDatabase),
        ("SelectSqlQuery*", SelectSqlQuery),
        ("DatabaseCredentials*", new StructureShape(("Username*", RedshiftUsername), ("Password*", RedshiftPassword))),
        ("S3StagingLocation*", S3Url),
        ("DataRearrangement", DataRearrangement),
        ("DataSchema", DataSchema),
        ("DataSchemaUri", S3Url));

    public static readonly StructureShape RdsDatabase = new(("InstanceIdentifier*", InstanceIdentifier), ("DatabaseName*", RdsDatabaseName));

    public static readonly ListShape SecurityGroupIds = new(EdpResource);

    public static readonly StructureShape RdsDataSpec = new(
        ("DatabaseInformation*", RdsDatabase),
        ("SelectSqlQuery*", SelectSqlQuery),
        ("DatabaseCredentials*", new StructureShape(("Username*", RdsUsername), ("Password*", RdsPassword))),
        ("S3StagingLocation*", S3Url),
        ("DataRearrangement", DataRearrangement),
        ("DataSchema", DataSchema),
        ("DataSchemaUri", S3Url),
        ("ResourceRole*", EdpRole),
        ("ServiceRole*", EdpRole),
        ("SubnetId*", EdpResource),
        ("SecurityGroupIds*", SecurityGroupIds));

    public static readonly StructureShape Tag = new(("Key", TagKey), ("Value", TagValue));
    public static readonly ListShape TagList = new(Tag, 100);
    public static readonly MapShape TextMap = new(Text, Text);

    // Structures of answers.
    public static readonly StructureShape RedshiftMetadata = new(
        ("RedshiftDatabase", RedshiftDatabase), ("DatabaseUserName", RedshiftUsername), ("SelectSqlQuery", SelectSqlQuery));

    public static readonly StructureShape RdsMetadata = new(
        ("Database", RdsDatabase), ("DatabaseUserName", RdsUsername), ("SelectSqlQuery", SelectSqlQuery), ("ResourceRole", EdpRole),
        ("ServiceRole", EdpRole), ("DataPipelineId", EdpPipelineId));

    public static readonly StructureShape RealtimeEndpointInfo = new(
        ("PeakRequestsPerSecond", Integer), ("CreatedAt", Timestamp), ("EndpointUrl", EndpointUrl), ("EndpointStatus", RealtimeEndpointStatus));

    public static readonly StructureShape PerformanceMetrics = new(("Properties", TextMap));

    public static readonly StructureShape Prediction = new(
        ("predictedLabel", Label),
        ("predictedValue", Float),
        ("predictedScores", new MapShape(Label, Float)),
        ("details", new MapShape(new StringShape(values: ["PredictiveModelType", "Algorithm"]), new StringShape(1))));

    private static readonly (string, Shape)[] Lifecycle =
    [
        ("CreatedByIamUser", AwsUserArn), ("CreatedAt", Timestamp), ("LastUpdatedAt", Timestamp),
        ("Status", EntityStatus), ("Message", Message), ("ComputeTime", Integer), ("FinishedAt", Timestamp), ("StartedAt", Timestamp),
    ];

    private static readonly (string, Shape)[] DataSourceMembers =
    [
        ("DataSourceId", EntityId),
        ("Name", EntityName),
        ("DataLocationS3", S3Url),
        ("DataRearrangement", DataRearrangement),
        ("DataSizeInBytes", Integer),
        ("NumberOfFiles", Integer),
        ("RedshiftMetadata", RedshiftMetadata),
        ("RDSMetadata", RdsMetadata),
        ("RoleARN", RoleArn),
        ("ComputeStatistics", Boolean),
        .. Lifecycle,
    ];

    private static readonly (string, Shape)[] ModelMembers =
    [
        ("MLModelId", EntityId),
        ("Name", ModelName),
        ("TrainingDataSourceId", EntityId),
        ("SizeInBytes", Integer),
        ("EndpointInfo", RealtimeEndpointInfo),
        ("TrainingParameters", TextMap),
        ("InputDataLocationS3", S3Url),
        ("MLModelType", ModelType),
        ("ScoreThreshold", Float),
        ("ScoreThresholdLastUpdatedAt", Timestamp),
        .. Lifecycle,
    ];

    private static readonly (string, Shape)[] EvaluationMembers =
    [
        ("EvaluationId", EntityId), ("Name", EntityName), ("MLModelId", EntityId), ("EvaluationDataSourceId", EntityId), ("InputDataLocationS3", S3Url),
        ("PerformanceMetrics", PerformanceMetrics), .. Lifecycle,
    ];

    private static readonly (string, Shape)[] BatchPredictionMembers =
    [
        ("BatchPredictionId", EntityId), ("Name", EntityName), ("MLModelId", EntityId), ("BatchPredictionDataSourceId", EntityId),
        ("InputDataLocationS3", S3Url), ("OutputUri", S3Url), ("TotalRecordCount", Integer), ("InvalidRecordCount", Integer), .. Lifecycle,
    ];

    public static readonly StructureShape DataSource = new(DataSourceMembers);
    public static readonly StructureShape MLModel = new([.. ModelMembers, ("Algorithm", Algorithm)]);
    public static readonly StructureShape Evaluation = new(EvaluationMembers);
    public static readonly StructureShape BatchPrediction = new(BatchPredictionMembers);
    public static readonly StructureShape GetDataSource = new([.. DataSourceMembers, ("LogUri", Text), ("DataSourceSchema", DataSchema)]);
    public static readonly StructureShape GetMLModel = new([.. ModelMembers, ("LogUri", Text), ("Recipe", Recipe), ("Schema", DataSchema)]);
    public static readonly StructureShape GetEvaluation = new([.. EvaluationMembers, ("LogUri", Text)]);
    public static readonly StructureShape GetBatchPrediction = new([.. BatchPredictionMembers, ("LogUri", Text)]);
}
