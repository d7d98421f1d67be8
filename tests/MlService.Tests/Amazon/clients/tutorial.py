"""The whole way of a model by boto3, which is told nothing but the endpoint.

ENDPOINT: address of the service. ID: what all ids begin with. s3://BUCKET/flowers.csv and its .schema are there.
RDS_INSTANCE, RDS_DATABASE, REDSHIFT_CLUSTER, REDSHIFT_DATABASE: two databases with the same flowers in a table.
"""
import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ID, BUCKET = os.environ["ID"], os.environ["BUCKET"]
ml = boto3.client("machinelearning", endpoint_url=os.environ["ENDPOINT"], region_name="us-east-1",
                  config=Config(retries={"max_attempts": 0}))
called = set()
ml.meta.events.register("before-call", lambda model, **_: called.add(model.name))
BY_NAME = {"FilterVariable": "Name", "EQ": ID}


def refused(error, call, **arguments):
    try:
        call(**arguments)
    except ClientError as refusal:
        assert type(refusal) is error, refusal
        assert refusal.response["Error"]["Message"], refusal
        return refusal
    raise AssertionError(f"{call.__name__} was not refused")


def split(begin, end):
    return {"DataLocationS3": f"s3://{BUCKET}/flowers.csv", "DataSchemaLocationS3": f"s3://{BUCKET}/flowers.csv.schema",
            "DataRearrangement": json.dumps({"splitting": {"percentBegin": begin, "percentEnd": end}})}


def wait(waiter):
    ml.get_waiter(waiter).wait(**BY_NAME, WaiterConfig={"Delay": 0.2, "MaxAttempts": 500})


train = dict(DataSourceId=f"{ID}-train", DataSourceName=ID, DataSpec=split(0, 70), ComputeStatistics=True)
assert ml.create_data_source_from_s3(**train)["DataSourceId"] == f"{ID}-train"
assert ml.create_data_source_from_s3(**train)["DataSourceId"] == f"{ID}-train"
refused(ml.exceptions.IdempotentParameterMismatchException, ml.create_data_source_from_s3, **{**train, "DataSourceName": "other"})
ml.create_data_source_from_s3(DataSourceId=f"{ID}-test", DataSourceName=ID, DataSpec=split(70, 100), ComputeStatistics=True)
model = dict(MLModelId=ID, MLModelName=ID, MLModelType="BINARY", TrainingDataSourceId=f"{ID}-train", Recipe="")
ml.create_ml_model(**model, Parameters={"sgd.maxPasses": "5", "sgd.l1RegularizationAmount": "0.0", "sgd.l2RegularizationAmount": "1e-6"})
ml.create_evaluation(EvaluationId=ID, EvaluationName=ID, MLModelId=ID, EvaluationDataSourceId=f"{ID}-test")
ml.create_batch_prediction(BatchPredictionId=ID, BatchPredictionName=ID, MLModelId=ID, BatchPredictionDataSourceId=f"{ID}-test",
                           OutputUri=f"s3://{BUCKET}/{ID}")
for waiter in ml.waiter_names:
    wait(waiter)
assert len(ml.waiter_names) == 4

for operation, size in {"describe_data_sources": 2, "describe_ml_models": 1, "describe_evaluations": 1, "describe_batch_predictions": 1}.items():
    pages = list(ml.get_paginator(operation).paginate(**BY_NAME, SortOrder="asc", PaginationConfig={"PageSize": 1}))
    items = [item for page in pages for item in page["Results"]]
    assert len(items) == len(pages) == size, (operation, pages)
    assert sorted(items, key=lambda item: item["CreatedAt"]) == items
    assert all(item["Status"] == "COMPLETED" and item["FinishedAt"] >= item["StartedAt"] >= item["CreatedAt"] for item in items), items

shown = ml.get_ml_model(MLModelId=ID, Verbose=True)
assert json.loads(shown["Schema"])["targetAttributeName"] == "tall"
assert json.loads(shown["Recipe"])["outputs"]
assert "Recipe" not in ml.get_ml_model(MLModelId=ID)
assert shown["EndpointInfo"] == {"PeakRequestsPerSecond": 0, "EndpointStatus": "NONE"}
assert shown["ScoreThreshold"] == 0.5 and shown["SizeInBytes"] > 0 and shown["ComputeTime"] >= 0
assert shown["TrainingParameters"]["algorithm"] == "sgd"
# What Get returned, Create takes.
ml.create_ml_model(MLModelId=f"{ID}-copy", MLModelType=shown["MLModelType"], TrainingDataSourceId=shown["TrainingDataSourceId"],
                   Parameters=shown["TrainingParameters"], Recipe=shown["Recipe"])
assert 0.9 < float(ml.get_evaluation(EvaluationId=ID)["PerformanceMetrics"]["Properties"]["BinaryAUC"]) <= 1
batch = ml.get_batch_prediction(BatchPredictionId=ID)
assert (batch["TotalRecordCount"], batch["InvalidRecordCount"]) == (180, 0) and batch["OutputUri"] == f"s3://{BUCKET}/{ID}/"
source = ml.get_data_source(DataSourceId=f"{ID}-test", Verbose=True)
assert source["NumberOfFiles"] == 1 and source["DataSizeInBytes"] > 1000 and json.loads(source["DataSourceSchema"])["version"] == "1.0"

ml.update_ml_model(MLModelId=ID, ScoreThreshold=0.25)
changed = ml.get_ml_model(MLModelId=ID)
assert changed["ScoreThreshold"] == 0.25 and changed["ScoreThresholdLastUpdatedAt"] == changed["LastUpdatedAt"] > shown["LastUpdatedAt"]
for kind in "DataSource", "Evaluation", "BatchPrediction":
    update = getattr(ml, {"DataSource": "update_data_source", "Evaluation": "update_evaluation", "BatchPrediction": "update_batch_prediction"}[kind])
    update(**{f"{kind}Id": f"{ID}-test" if kind == "DataSource" else ID, f"{kind}Name": "other"})

tagged = {"ResourceId": ID, "ResourceType": "MLModel"}
assert {key: value for key, value in ml.add_tags(Tags=[{"Key": "team", "Value": "garden"}, {"Key": "old"}], **tagged).items() if key in tagged} == tagged
assert ml.describe_tags(**tagged)["Tags"] == [{"Key": "old"}, {"Key": "team", "Value": "garden"}]
ml.delete_tags(TagKeys=["old", "none"], **tagged)
assert ml.describe_tags(**tagged)["Tags"] == [{"Key": "team", "Value": "garden"}]
refused(ml.exceptions.InvalidTagException, ml.add_tags, Tags=[{"Key": "aws:x"}], **tagged)
refused(ml.exceptions.TagLimitExceededException, ml.add_tags, Tags=[{"Key": f"k{i}"} for i in range(51)], **tagged)

endpoint = ml.create_realtime_endpoint(MLModelId=ID)["RealtimeEndpointInfo"]
assert endpoint["EndpointStatus"] == "READY" and endpoint == ml.create_realtime_endpoint(MLModelId=ID)["RealtimeEndpointInfo"]
answer = ml.predict(MLModelId=ID, Record={" water": "0.9", "light": "0.9", "unknown": "x"}, PredictEndpoint=endpoint["EndpointUrl"])["Prediction"]
assert answer["details"] == {"PredictiveModelType": "BINARY", "Algorithm": "SGD"}, answer
assert answer["predictedLabel"] == "1" and answer["predictedScores"]["1"] > 0.5, answer
answer = ml.predict(MLModelId=ID, Record={"water": "0.1", "light": "0.1"}, PredictEndpoint=endpoint["EndpointUrl"])["Prediction"]
assert answer["predictedLabel"] == "0" and 0 < answer["predictedScores"]["0"] < 0.25, answer
refused(ml.exceptions.InvalidInputException, ml.delete_ml_model, MLModelId=ID)
assert ml.delete_realtime_endpoint(MLModelId=ID)["RealtimeEndpointInfo"]["EndpointStatus"] == "NONE"
refused(ml.exceptions.PredictorNotMountedException, ml.predict, MLModelId=ID, Record={}, PredictEndpoint=endpoint["EndpointUrl"])

ml.delete_batch_prediction(BatchPredictionId=ID)
ml.delete_evaluation(EvaluationId=ID)
ml.delete_ml_model(MLModelId=ID)
ml.delete_ml_model(MLModelId=ID)
assert ml.get_ml_model(MLModelId=ID)["Status"] == "DELETED"
assert ml.describe_ml_models(**BY_NAME)["Results"] == []
assert [item["MLModelId"] for item in ml.describe_ml_models(FilterVariable="Status", EQ="DELETED")["Results"]].count(ID) == 1
ml.delete_data_source(DataSourceId=f"{ID}-test")
missing = refused(ml.exceptions.ResourceNotFoundException, ml.get_ml_model, MLModelId="fake-model")
assert missing.response["Error"]["Message"] == "No MLModel with id fake-model exists"
assert missing.response["ResponseMetadata"]["HTTPStatusCode"] == 400 and missing.response["ResponseMetadata"]["RequestId"]
query = {"SelectSqlQuery": "SELECT water, light, colour, tall FROM flowers", "DatabaseCredentials": {"Username": "reader", "Password": "password"},
         "S3StagingLocation": f"s3://{BUCKET}/staging"}
rds = {"InstanceIdentifier": os.environ["RDS_INSTANCE"], "DatabaseName": os.environ["RDS_DATABASE"]}
pipeline = {"ResourceRole": "DataPipelineDefaultResourceRole", "ServiceRole": "DataPipelineDefaultRole", "SubnetId": "subnet-1", "SecurityGroupIds": ["sg-1"]}
redshift = {"ClusterIdentifier": os.environ["REDSHIFT_CLUSTER"], "DatabaseName": os.environ["REDSHIFT_DATABASE"]}
from_rds = dict(DataSourceId=f"{ID}-rds", DataSourceName=f"{ID}-sql", RoleARN="arn:aws:iam::1:role/r", ComputeStatistics=True,
                RDSData={**query, **pipeline, "DatabaseInformation": rds})
ml.create_data_source_from_rds(**from_rds)
ml.create_data_source_from_rds(**from_rds)
refused(ml.exceptions.IdempotentParameterMismatchException, ml.create_data_source_from_rds, **{**from_rds, "RDSData": {**from_rds["RDSData"], "SubnetId": "other"}})
ml.create_data_source_from_redshift(DataSourceId=f"{ID}-redshift", DataSourceName=f"{ID}-sql", RoleARN="arn:aws:iam::1:role/r", ComputeStatistics=True,
                                    DataSpec={**query, "DatabaseInformation": redshift})
ml.get_waiter("data_source_available").wait(FilterVariable="Name", EQ=f"{ID}-sql", WaiterConfig={"Delay": 0.2, "MaxAttempts": 500})
shown = ml.get_data_source(DataSourceId=f"{ID}-rds", Verbose=True)
assert shown["RDSMetadata"] == {"Database": rds, "DatabaseUserName": "reader", "SelectSqlQuery": query["SelectSqlQuery"],
                                "ResourceRole": "DataPipelineDefaultResourceRole", "ServiceRole": "DataPipelineDefaultRole"}, shown
assert shown["RoleARN"] == "arn:aws:iam::1:role/r" and shown["DataLocationS3"].startswith(query["S3StagingLocation"]) and shown["DataSizeInBytes"] > 1000
assert len(json.loads(shown["DataSourceSchema"])["attributes"]) == 4
assert ml.get_data_source(DataSourceId=f"{ID}-redshift")["RedshiftMetadata"] == {"RedshiftDatabase": redshift, "DatabaseUserName": "reader"}
for wrong in {**rds, "InstanceIdentifier": "none"}, {**rds, "DatabaseName": "none"}:
    refused(ml.exceptions.InvalidInputException, ml.create_data_source_from_rds, **{
        **from_rds, "DataSourceId": f"{ID}-none", "RDSData": {**from_rds["RDSData"], "DatabaseInformation": wrong}})
refused(ml.exceptions.InvalidInputException, ml.create_data_source_from_rds, **{
    **from_rds, "DataSourceId": f"{ID}-none", "RDSData": {**from_rds["RDSData"], "SelectSqlQuery": "DROP TABLE flowers"}})
refused(ml.exceptions.InvalidInputException, ml.create_evaluation, EvaluationId=f"{ID}-e", MLModelId="none", EvaluationDataSourceId="none")
assert len(called) == 28, called
print("done")
