// The whole way of a model by the AWS SDK for JavaScript v2, which is told nothing but the endpoint.
// ENDPOINT: address of the service. ID: what all ids begin with. s3://BUCKET/flowers.csv and its .schema are there.
// RDS_INSTANCE, RDS_DATABASE, REDSHIFT_CLUSTER, REDSHIFT_DATABASE: two databases with the same flowers in a table.
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';
const assert = require('node:assert');
const AWS = require('aws-sdk');

const { ID: id, BUCKET: bucket } = process.env;
const ml = new AWS.MachineLearning({ endpoint: process.env.ENDPOINT, region: 'us-east-1', maxRetries: 0 });
const called = new Set();
ml.customizeRequests(request => called.add(request.operation));
const call = (operation, parameters) => ml[operation](parameters).promise();
const renamed = { DataSource: `${id}-test`, Evaluation: id, BatchPrediction: id };
const named = kind => ({ [`${kind}Id`]: renamed[kind] });
const refused = (code, operation, parameters) => assert.rejects(call(operation, parameters), { code });
const split = (percentBegin, percentEnd) => ({
  DataLocationS3: `s3://${bucket}/flowers.csv`, DataSchemaLocationS3: `s3://${bucket}/flowers.csv.schema`,
  DataRearrangement: JSON.stringify({ splitting: { percentBegin, percentEnd } }),
});

async function main() {
  await call('createDataSourceFromS3', { DataSourceId: `${id}-train`, DataSourceName: id, DataSpec: split(0, 70), ComputeStatistics: true });
  await call('createDataSourceFromS3', { DataSourceId: `${id}-test`, DataSourceName: id, DataSpec: split(70, 100), ComputeStatistics: true });
  await call('createMLModel', { MLModelId: id, MLModelName: id, MLModelType: 'BINARY', TrainingDataSourceId: `${id}-train`, Parameters: { 'sgd.maxPasses': '5' } });
  await call('createEvaluation', { EvaluationId: id, EvaluationName: id, MLModelId: id, EvaluationDataSourceId: `${id}-test` });
  await call('createBatchPrediction', {
    BatchPredictionId: id, BatchPredictionName: id, MLModelId: id, BatchPredictionDataSourceId: `${id}-test`, OutputUri: `s3://${bucket}/${id}/`,
  });
  for (const waiter of ['dataSourceAvailable', 'mLModelAvailable', 'evaluationAvailable', 'batchPredictionAvailable'])
    await ml.waitFor(waiter, { FilterVariable: 'Name', EQ: id, $waiter: { delay: 0.2, maxAttempts: 500 } }).promise();

  const listed = [];
  await new Promise((resolve, reject) => ml.describeDataSources({ FilterVariable: 'Name', EQ: id, Limit: 1 }).eachPage((error, page) => {
    if (error) reject(error);
    else if (page) listed.push(...page.Results);
    else resolve();
    return true;
  }));
  assert.deepStrictEqual(listed.map(source => source.DataSourceId).sort(), [`${id}-test`, `${id}-train`]);
  assert.ok(listed.every(source => source.CreatedAt instanceof Date && Math.abs(Date.now() - source.CreatedAt) < 600_000));

  const evaluation = await call('getEvaluation', { EvaluationId: id });
  assert.ok(Number(evaluation.PerformanceMetrics.Properties.BinaryAUC) > 0.9);
  assert.strictEqual((await call('getBatchPrediction', { BatchPredictionId: id })).TotalRecordCount, 180);
  await call('updateMLModel', { MLModelId: id, ScoreThreshold: 0.25 });
  assert.strictEqual((await call('getMLModel', { MLModelId: id, Verbose: true })).ScoreThreshold, 0.25);
  for (const kind of Object.keys(renamed)) {
    await call(`update${kind}`, { ...named(kind), [`${kind}Name`]: 'other' });
    assert.strictEqual((await call(`get${kind}`, named(kind))).Name, 'other');
  }
  const { RealtimeEndpointInfo } = await call('createRealtimeEndpoint', { MLModelId: id });
  const { Prediction } = await call('predict', { MLModelId: id, Record: { water: '0.9', light: '0.9' }, PredictEndpoint: RealtimeEndpointInfo.EndpointUrl });
  assert.strictEqual(Prediction.predictedLabel, '1');
  assert.ok(Prediction.predictedScores['1'] > 0.5);
  // An address with a path, as some operators give it: this client keeps the path.
  const again = await call('predict', { MLModelId: id, Record: { water: '0.9', light: '0.9' }, PredictEndpoint: `${RealtimeEndpointInfo.EndpointUrl}/realtime/${id}` });
  assert.deepStrictEqual(again.Prediction, Prediction);

  await refused('InvalidInputException', 'deleteMLModel', { MLModelId: id });
  await refused('ResourceNotFoundException', 'getMLModel', { MLModelId: 'fake-model' });
  await call('deleteRealtimeEndpoint', { MLModelId: id });
  await refused('PredictorNotMountedException', 'predict', { MLModelId: id, Record: {}, PredictEndpoint: RealtimeEndpointInfo.EndpointUrl });
  const tagged = { ResourceId: id, ResourceType: 'MLModel' };
  await call('addTags', { ...tagged, Tags: [{ Key: 'team', Value: 'garden' }, { Key: 'old', Value: '1' }] });
  await call('deleteTags', { ...tagged, TagKeys: ['old', 'none'] });
  assert.deepStrictEqual((await call('describeTags', tagged)).Tags, [{ Key: 'team', Value: 'garden' }]);
  const query = {
    SelectSqlQuery: 'SELECT water, light, colour, tall FROM flowers', S3StagingLocation: `s3://${bucket}/staging/`,
    DatabaseCredentials: { Username: 'reader', Password: 'password' },
  };
  const instance = { InstanceIdentifier: process.env.RDS_INSTANCE, DatabaseName: process.env.RDS_DATABASE };
  const cluster = { ClusterIdentifier: process.env.REDSHIFT_CLUSTER, DatabaseName: process.env.REDSHIFT_DATABASE };
  await call('createDataSourceFromRDS', {
    DataSourceId: `${id}-rds`, DataSourceName: `${id}-sql`, RoleARN: 'role',
    RDSData: { ...query, DatabaseInformation: instance, ResourceRole: 'r', ServiceRole: 's', SubnetId: 'n', SecurityGroupIds: ['g'] },
  });
  await call('createDataSourceFromRedshift', {
    DataSourceId: `${id}-redshift`, DataSourceName: `${id}-sql`, RoleARN: 'role', DataSpec: { ...query, DatabaseInformation: cluster },
  });
  await ml.waitFor('dataSourceAvailable', { FilterVariable: 'Name', EQ: `${id}-sql`, $waiter: { delay: 0.2, maxAttempts: 500 } }).promise();
  assert.deepStrictEqual((await call('getDataSource', { DataSourceId: `${id}-rds` })).RDSMetadata.Database, instance);
  assert.deepStrictEqual((await call('getDataSource', { DataSourceId: `${id}-redshift` })).RedshiftMetadata.RedshiftDatabase, cluster);
  for (const kind of Object.keys(renamed)) {
    await call(`delete${kind}`, named(kind));
    assert.strictEqual((await call(`get${kind}`, named(kind))).Status, 'DELETED');
  }
  await call('deleteMLModel', { MLModelId: id });
  assert.strictEqual((await call('getMLModel', { MLModelId: id })).Status, 'DELETED');
  assert.strictEqual(called.size, 28);
  console.log('done');
}

main().catch(error => { console.error(error); process.exit(1); });
