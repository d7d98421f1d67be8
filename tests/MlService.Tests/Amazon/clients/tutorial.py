"""The whole way of a model by boto3, which is told nothing but the endpoint.

ENDPOINT: address of the service. ID: what all ids begin with. s3://flowers/flowers.csv and its .schema are there.
"""
import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ID = os.environ["ID"]
ml = boto3.client("machinelearning", endpoint_url=os.environ["ENDPOINT"], region_name="us-east-1",
                  config=Config(retries={"max_attempts": 0}))
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
    return {"DataLocationS3": "s3://flowers/flowers.csv", "DataSchemaLocationS3": "s3://flowers/flowers.csv.schema",
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
                           OutputUri=f"s3://flowers/{ID}")
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
assert (batch["TotalRecordCount"], batch["InvalidRecordCount"]) == (180, 0) and batch["OutputUri"] == f"s3://flowers/{ID}/"
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
database = {"SelectSqlQuery": "select 1", "DatabaseCredentials": {"Username": "u", "Password": "password"}, "S3StagingLocation": "s3://flowers/sql"}
refused(ml.exceptions.InvalidInputException, ml.create_data_source_from_rds, DataSourceId=f"{ID}-rds", RoleARN="role", RDSData={
    **database, "DatabaseInformation": {"InstanceIdentifier": "i", "DatabaseName": "d"}, "ResourceRole": "r", "ServiceRole": "s",
    "SubnetId": "n", "SecurityGroupIds": ["g"]})
refused(ml.exceptions.InvalidInputException, ml.create_data_source_from_redshift, DataSourceId=f"{ID}-redshift", RoleARN="role", DataSpec={
    **database, "DatabaseInformation": {"DatabaseName": "d", "ClusterIdentifier": "c"}})
refused(ml.exceptions.InvalidInputException, ml.create_evaluation, EvaluationId=f"{ID}-e", MLModelId="none", EvaluationDataSourceId="none")
print("done")
