// The whole way of a model by the AWS SDK for JavaScript v3, which is told nothing but the endpoint.
// ENDPOINT: address of the service. ID: what all ids begin with. s3://BUCKET/flowers.csv and its .schema are there.
// RDS_INSTANCE, RDS_DATABASE, REDSHIFT_CLUSTER, REDSHIFT_DATABASE: two databases with the same flowers in a table.
import assert from 'node:assert';
import * as sdk from '@aws-sdk/client-machine-learning';

const { ID: id, BUCKET: bucket } = process.env;
const client = new sdk.MachineLearningClient({ endpoint: process.env.ENDPOINT, region: 'us-east-1', maxAttempts: 1 });
const called = new Set();
client.middlewareStack.add((next, context) => sent => { called.add(context.commandName); return next(sent); }, { step: 'initialize' });
const call = (operation, parameters) => client.send(new sdk[`${operation}Command`](parameters));
const renamed = { DataSource: `${id}-test`, Evaluation: id, BatchPrediction: id };
const named = kind => ({ [`${kind}Id`]: renamed[kind] });
const refused = (type, operation, parameters) => assert.rejects(call(operation, parameters), error => error instanceof sdk[type]);
const byName = { FilterVariable: 'Name', EQ: id };
const split = (percentBegin, percentEnd) => ({
  DataLocationS3: `s3://${bucket}/flowers.csv`, DataSchemaLocationS3: `s3://${bucket}/flowers.csv.schema`,
  DataRearrangement: JSON.stringify({ splitting: { percentBegin, percentEnd } }),
});

await call('CreateDataSourceFromS3', { DataSourceId: `${id}-train`, DataSourceName: id, DataSpec: split(0, 70), ComputeStatistics: true });
await call('CreateDataSourceFromS3', { DataSourceId: `${id}-test`, DataSourceName: id, DataSpec: split(70, 100), ComputeStatistics: true });
await call('CreateMLModel', { MLModelId: id, MLModelName: id, MLModelType: 'BINARY', TrainingDataSourceId: `${id}-train`, Parameters: { 'sgd.maxPasses': '5' } });
await call('CreateEvaluation', { EvaluationId: id, EvaluationName: id, MLModelId: id, EvaluationDataSourceId: `${id}-test` });
await call('CreateBatchPrediction', {
  BatchPredictionId: id, BatchPredictionName: id, MLModelId: id, BatchPredictionDataSourceId: `${id}-test`, OutputUri: `s3://${bucket}/${id}/`,
});
for (const kind of ['DataSource', 'MLModel', 'Evaluation', 'BatchPrediction'])
  await sdk[`waitUntil${kind}Available`]({ client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }, byName);

for (const [kind, count] of Object.entries({ DataSources: 2, MLModels: 1, Evaluations: 1, BatchPredictions: 1 })) {
  const listed = [];
  for await (const page of sdk[`paginateDescribe${kind}`]({ client, pageSize: 1 }, byName))
    listed.push(...page.Results);
  assert.strictEqual(listed.length, count, kind);
  assert.ok(listed.every(item => item.CreatedAt instanceof Date && item.Status === 'COMPLETED'));
}

assert.ok(Number((await call('GetEvaluation', { EvaluationId: id })).PerformanceMetrics.Properties.BinaryAUC) > 0.9);
assert.strictEqual((await call('GetBatchPrediction', { BatchPredictionId: id })).TotalRecordCount, 180);
await call('UpdateMLModel', { MLModelId: id, ScoreThreshold: 0.25 });
assert.strictEqual((await call('GetMLModel', { MLModelId: id, Verbose: true })).ScoreThreshold, 0.25);
for (const kind of Object.keys(renamed)) {
  await call(`Update${kind}`, { ...named(kind), [`${kind}Name`]: 'other' });
  assert.strictEqual((await call(`Get${kind}`, named(kind))).Name, 'other');
}
const { RealtimeEndpointInfo } = await call('CreateRealtimeEndpoint', { MLModelId: id });
const { Prediction } = await call('Predict', { MLModelId: id, Record: { water: '0.9', light: '0.9' }, PredictEndpoint: RealtimeEndpointInfo.EndpointUrl });
assert.strictEqual(Prediction.predictedLabel, '1');
assert.strictEqual(Prediction.details.Algorithm, 'SGD');
await refused('InvalidInputException', 'DeleteMLModel', { MLModelId: id });
await refused('ResourceNotFoundException', 'GetMLModel', { MLModelId: 'fake-model' });
await refused('IdempotentParameterMismatchException', 'CreateEvaluation', { EvaluationId: id, MLModelId: id, EvaluationDataSourceId: `${id}-test` });
await call('DeleteRealtimeEndpoint', { MLModelId: id });
await refused('PredictorNotMountedException', 'Predict', { MLModelId: id, Record: {}, PredictEndpoint: RealtimeEndpointInfo.EndpointUrl });
const tagged = { ResourceId: id, ResourceType: 'MLModel' };
await call('AddTags', { ...tagged, Tags: [{ Key: 'team', Value: 'garden' }, { Key: 'old', Value: '1' }] });
await call('DeleteTags', { ...tagged, TagKeys: ['old', 'none'] });
assert.deepStrictEqual((await call('DescribeTags', tagged)).Tags, [{ Key: 'team', Value: 'garden' }]);
const query = {
  SelectSqlQuery: 'SELECT water, light, colour, tall FROM flowers', S3StagingLocation: `s3://${bucket}/staging/`,
  DatabaseCredentials: { Username: 'reader', Password: 'password' },
};
const instance = { InstanceIdentifier: process.env.RDS_INSTANCE, DatabaseName: process.env.RDS_DATABASE };
const cluster = { ClusterIdentifier: process.env.REDSHIFT_CLUSTER, DatabaseName: process.env.REDSHIFT_DATABASE };
await call('CreateDataSourceFromRDS', {
  DataSourceId: `${id}-rds`, DataSourceName: `${id}-sql`, RoleARN: 'role',
  RDSData: { ...query, DatabaseInformation: instance, ResourceRole: 'r', ServiceRole: 's', SubnetId: 'n', SecurityGroupIds: ['g'] },
});
await call('CreateDataSourceFromRedshift', {
  DataSourceId: `${id}-redshift`, DataSourceName: `${id}-sql`, RoleARN: 'role', DataSpec: { ...query, DatabaseInformation: cluster },
});
await sdk.waitUntilDataSourceAvailable({ client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }, { FilterVariable: 'Name', EQ: `${id}-sql` });
assert.deepStrictEqual((await call('GetDataSource', { DataSourceId: `${id}-rds` })).RDSMetadata.Database, instance);
assert.deepStrictEqual((await call('GetDataSource', { DataSourceId: `${id}-redshift` })).RedshiftMetadata.RedshiftDatabase, cluster);
for (const kind of Object.keys(renamed)) {
  await call(`Delete${kind}`, named(kind));
  assert.strictEqual((await call(`Get${kind}`, named(kind))).Status, 'DELETED');
}
await call('DeleteMLModel', { MLModelId: id });
assert.strictEqual((await call('GetMLModel', { MLModelId: id })).Status, 'DELETED');
assert.strictEqual(called.size, 28);
console.log('done');
