"""The whole way of a model by the AWS CLI, which is told nothing but the endpoint.

ENDPOINT: address of the service. ID: what all ids begin with. s3://BUCKET/flowers.csv and its .schema are there.
RDS_INSTANCE, RDS_DATABASE, REDSHIFT_CLUSTER, REDSHIFT_DATABASE: two databases with the same flowers in a table.

Most of a call of the CLI is loading it. Run by the CLI's own interpreter, this loads it once, and each call runs the CLI's program in a
copy of this process; run by another, it starts the CLI for each call.
"""
import json
import os
import runpy
import shlex
import shutil
import subprocess
import sys

AWS = os.path.realpath(shutil.which("aws"))
with open(AWS, "rb") as program:
    IS_LOADED = program.readline().decode(errors="replace").strip() == f"#!{sys.executable}"
if IS_LOADED:
    import awscli.clidriver
    import awscli.handlers
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="", AWS_MAX_ATTEMPTS="1", AWS_EC2_METADATA_DISABLED="true")
ID, BUCKET, ENDPOINT = os.environ["ID"], os.environ["BUCKET"], os.environ["ENDPOINT"]
called = set()


class Call:
    """One run of the CLI, begun."""

    def __init__(self, line):
        operation, what = line.split()[:2]
        called.add(f"describe-{what.replace('-available', 's')}" if operation == "wait" else operation)
        words = [AWS, "machinelearning", "--endpoint-url", ENDPOINT, *shlex.split(line)]
        if not IS_LOADED:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            return
        self.process, (read, write) = None, os.pipe()
        self.id = os.fork()
        if self.id == 0:
            for stream in 1, 2:
                os.dup2(write, stream)
            os.close(read)
            sys.argv = words
            runpy.run_path(AWS, run_name="__main__")
        os.close(write)
        self.output = open(read)

    def end(self):
        """What it ended with, and what it printed."""
        if self.process:
            printed, _ = self.process.communicate()
            return self.process.returncode, printed
        with self.output:
            printed = self.output.read()
        return os.waitstatus_to_exitcode(os.waitpid(self.id, 0)[1]), printed


def ml(line):
    code, printed = Call(line).end()
    assert code == 0, f"{line}: {code} {printed}"
    return json.loads(printed) if printed.strip() else None


def refused(exception, line):
    code, printed = Call(line).end()
    assert code != 0 and f"({exception})" in printed, f"{line}: {code} {printed}"


def check(expected, actual):
    assert actual == expected, f"expected {expected!r}, got {actual!r}"


def quoted(value):
    return shlex.quote(json.dumps(value))


def completed(line):
    for _ in range(300):
        status = ml(f"{line} --query Status")
        if status == "COMPLETED":
            return
        assert status != "FAILED", ml(line)
    raise AssertionError(f"{line} does not finish")


def split(begin, end):
    return quoted({"DataLocationS3": f"s3://{BUCKET}/flowers.csv", "DataSchemaLocationS3": f"s3://{BUCKET}/flowers.csv.schema",
                   "DataRearrangement": json.dumps({"splitting": {"percentBegin": begin, "percentEnd": end}})})


made = f"create-data-source-from-s3 --data-source-name {ID} --compute-statistics"
check({"DataSourceId": f"{ID}-train"}, ml(f"{made} --data-source-id {ID}-train --data-spec {split(0, 70)}"))
ml(f"{made} --data-source-id {ID}-test --data-spec {split(70, 100)}")

# Nothing is waited for: each waits for what it is made of.
ml(f"create-ml-model --ml-model-id {ID} --ml-model-name {ID} --ml-model-type BINARY --training-data-source-id {ID}-train "
   "--parameters sgd.maxPasses=5,sgd.l2RegularizationAmount=1e-6")
ml(f"create-evaluation --evaluation-id {ID} --evaluation-name {ID} --ml-model-id {ID} --evaluation-data-source-id {ID}-test")
ml(f"create-batch-prediction --batch-prediction-id {ID} --batch-prediction-name {ID} --ml-model-id {ID} "
   f"--batch-prediction-data-source-id {ID}-test --output-uri s3://{BUCKET}/{ID}")
# The CLI's waiters look again after 30 seconds, so they are asked when all is there.
completed(f"get-evaluation --evaluation-id {ID}")
completed(f"get-batch-prediction --batch-prediction-id {ID}")
for kind in "data-source", "ml-model", "evaluation", "batch-prediction":
    ml(f"wait {kind}-available --filter-variable Name --eq {ID}")

assert ml(f"get-evaluation --evaluation-id {ID} --query PerformanceMetrics.Properties.BinaryAUC").startswith("0.9")
check(180, ml(f"get-batch-prediction --batch-prediction-id {ID} --query TotalRecordCount"))
# Two pages, of one each.
code, pages = Call(f"describe-data-sources --filter-variable Name --eq {ID} --sort-order dsc --page-size 1 --output text --query length(Results)").end()
check((0, ["1", "1"]), (code, pages.split()))
listed = ml(f"describe-data-sources --filter-variable Name --eq {ID} --sort-order asc --max-items 1")
more = ml(f"describe-data-sources --filter-variable Name --eq {ID} --sort-order asc --max-items 1 --starting-token {listed['NextToken']}")
check([f"{ID}-train", f"{ID}-test"], [page["Results"][0]["DataSourceId"] for page in (listed, more)])

ml(f"update-ml-model --ml-model-id {ID} --ml-model-name '{ID}, renamed' --score-threshold 0.25")
check([f"{ID}, renamed", 0.25], ml(f"get-ml-model --ml-model-id {ID} --query [Name,ScoreThreshold]"))

renamed = {"data-source": f"{ID}-test", "evaluation": ID, "batch-prediction": ID}
for kind, name in renamed.items():
    ml(f"update-{kind} --{kind}-id {name} --{kind}-name other")
    check("other", ml(f"get-{kind} --{kind}-id {name} --query Name"))

ml(f"add-tags --resource-id {ID} --resource-type MLModel --tags Key=team,Value=garden Key=old,Value=1")
ml(f"delete-tags --resource-id {ID} --resource-type MLModel --tag-keys old none")
check([{"Key": "team", "Value": "garden"}], ml(f"describe-tags --resource-id {ID} --resource-type MLModel --query Tags"))

url = ml(f"create-realtime-endpoint --ml-model-id {ID} --query RealtimeEndpointInfo.EndpointUrl")
predict = f"predict --ml-model-id {ID} --record water=0.9,light=0.9,colour=red --predict-endpoint {url}"
check("1", ml(f"{predict} --query Prediction.predictedLabel"))
refused("InvalidInputException", f"delete-ml-model --ml-model-id {ID}")
check("NONE", ml(f"delete-realtime-endpoint --ml-model-id {ID} --query RealtimeEndpointInfo.EndpointStatus"))
refused("PredictorNotMountedException", predict)

query = {"SelectSqlQuery": "SELECT water, tall FROM flowers", "S3StagingLocation": f"s3://{BUCKET}/staging/",
         "DatabaseCredentials": {"Username": "reader", "Password": "password"}}
rds = {"InstanceIdentifier": os.environ["RDS_INSTANCE"], "DatabaseName": os.environ["RDS_DATABASE"]}
redshift = {"ClusterIdentifier": os.environ["REDSHIFT_CLUSTER"], "DatabaseName": os.environ["REDSHIFT_DATABASE"]}
pipeline = {"ResourceRole": "r", "ServiceRole": "s", "SubnetId": "n", "SecurityGroupIds": ["g"]}
ml(f"create-data-source-from-rds --data-source-id {ID}-rds --role-arn role --rds-data {quoted({**query, **pipeline, 'DatabaseInformation': rds})}")
ml(f"create-data-source-from-redshift --data-source-id {ID}-redshift --role-arn role --data-spec {quoted({**query, 'DatabaseInformation': redshift})}")
for source in "rds", "redshift":
    completed(f"get-data-source --data-source-id {ID}-{source}")
check(rds, ml(f"get-data-source --data-source-id {ID}-rds --query RDSMetadata.Database"))

for kind, name in {**renamed, "ml-model": ID}.items():
    ml(f"delete-{kind} --{kind}-id {name}")
    check("DELETED", ml(f"get-{kind} --{kind}-id {name} --query Status"))
check(0, ml(f"describe-ml-models --filter-variable Name --prefix {ID} --query length(Results)"))
refused("ResourceNotFoundException", f"get-ml-model --ml-model-id {ID}-none")
check(28, len(called))
print("done")
