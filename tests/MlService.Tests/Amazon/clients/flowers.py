"""A script as people wrote them for Amazon ML: data, schema and recipe in a bucket, polling, and a prediction at the end."""
import json
import os
import time

import boto3

# Before 1.28 boto3 does not read the variable itself.
ml = boto3.client("machinelearning", region_name="us-east-1", endpoint_url=os.environ.get("AWS_ENDPOINT_URL_MACHINE_LEARNING"))
BUCKET = "s3://our-bucket/"


def poll(get, **named):
    while True:
        answer = get(**named)
        if answer["Status"] in ("COMPLETED", "FAILED", "DELETED"):
            print(named, answer["Status"])
            return answer
        time.sleep(0.2)


def part(begin, end):
    splitting = {"percentBegin": begin, "percentEnd": end, "strategy": "random", "strategyParams": {"randomSeed": BUCKET + "flowers.csv"}}
    return {"DataLocationS3": BUCKET + "flowers.csv", "DataSchemaLocationS3": BUCKET + "flowers.csv.schema", "DataRearrangement": json.dumps({"splitting": splitting})}


ml.create_data_source_from_s3(DataSourceId="flowers-train", DataSpec=part(0, 70), ComputeStatistics=True)
ml.create_data_source_from_s3(DataSourceId="flowers-test", DataSpec=part(70, 100), ComputeStatistics=False)
ml.create_ml_model(MLModelId="flowers", MLModelType="BINARY", TrainingDataSourceId="flowers-train", RecipeUri=BUCKET + "flowers.recipe",
                   Parameters={"sgd.maxPasses": "10", "sgd.shuffleType": "auto"})
ml.create_evaluation(EvaluationId="flowers", MLModelId="flowers", EvaluationDataSourceId="flowers-test")
ml.create_batch_prediction(BatchPredictionId="flowers", MLModelId="flowers", BatchPredictionDataSourceId="flowers-test", OutputUri=BUCKET + "out/")
print(poll(ml.get_evaluation, EvaluationId="flowers")["PerformanceMetrics"])
poll(ml.get_batch_prediction, BatchPredictionId="flowers")
endpoint = ml.create_realtime_endpoint(MLModelId="flowers")["RealtimeEndpointInfo"]["EndpointUrl"]
print(ml.predict(MLModelId="flowers", Record={"water": "0.9", "light": "0.9"}, PredictEndpoint=endpoint)["Prediction"]["predictedLabel"])
