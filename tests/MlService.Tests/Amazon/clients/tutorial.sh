#!/usr/bin/env bash
# The whole way of a model by the AWS CLI, which is told nothing but the endpoint.
# ENDPOINT: address of the service. ID: what all ids begin with. s3://BUCKET/flowers.csv and its .schema are there.
# RDS_INSTANCE, RDS_DATABASE, REDSHIFT_CLUSTER, REDSHIFT_DATABASE: two databases with the same flowers in a table.
set -euo pipefail
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} AWS_PAGER="" AWS_MAX_ATTEMPTS=1 AWS_EC2_METADATA_DISABLED=true

ml() { aws machinelearning --endpoint-url "$ENDPOINT" --output text "$@"; }
check() { [ "$2" = "$3" ] || { echo "$1: expected '$2', got '$3'" >&2; exit 1; }; }
refused() { # refused EXCEPTION OPERATION…
  local wanted=$1 said
  shift
  if said=$(ml "$@" 2>&1); then echo "$1 was not refused" >&2; exit 1; fi
  [[ $said == *"($wanted)"* ]] || { echo "$1: expected $wanted, got $said" >&2; exit 1; }
}
completed() { # completed GET-OPERATION ID-OPTION ID
  local status
  for _ in $(seq 100); do
    status=$(ml "$@" --query Status)
    case $status in COMPLETED) return ;; FAILED) ml "$@" >&2; exit 1 ;; esac
  done
  echo "$* does not finish: $status" >&2
  exit 1
}

spec="\"DataLocationS3\":\"s3://$BUCKET/flowers.csv\",\"DataSchemaLocationS3\":\"s3://$BUCKET/flowers.csv.schema\""
check create-data-source "$ID-train" "$(ml create-data-source-from-s3 --data-source-id "$ID-train" --data-source-name "$ID" --compute-statistics \
  --data-spec "{$spec,\"DataRearrangement\":\"{\\\"splitting\\\":{\\\"percentBegin\\\":0,\\\"percentEnd\\\":70}}\"}")"
ml create-data-source-from-s3 --data-source-id "$ID-test" --data-source-name "$ID" --compute-statistics \
  --data-spec "{$spec,\"DataRearrangement\":\"{\\\"splitting\\\":{\\\"percentBegin\\\":70,\\\"percentEnd\\\":100}}\"}" >/dev/null

# Nothing is waited for: each waits for what it is made of.
ml create-ml-model --ml-model-id "$ID" --ml-model-name "$ID" --ml-model-type BINARY --training-data-source-id "$ID-train" \
  --parameters sgd.maxPasses=5,sgd.l2RegularizationAmount=1e-6 >/dev/null
ml create-evaluation --evaluation-id "$ID" --evaluation-name "$ID" --ml-model-id "$ID" --evaluation-data-source-id "$ID-test" >/dev/null
ml create-batch-prediction --batch-prediction-id "$ID" --batch-prediction-name "$ID" --ml-model-id "$ID" \
  --batch-prediction-data-source-id "$ID-test" --output-uri "s3://$BUCKET/$ID" >/dev/null
# The CLI's waiters look again after 30 seconds, so they are asked when all is there.
completed get-evaluation --evaluation-id "$ID"
completed get-batch-prediction --batch-prediction-id "$ID"
waits=()
for kind in data-source ml-model evaluation batch-prediction; do
  ml wait $kind-available --filter-variable Name --eq "$ID" & waits+=($!)
done
for wait in "${waits[@]}"; do wait "$wait"; done

auc=$(ml get-evaluation --evaluation-id "$ID" --query 'PerformanceMetrics.Properties.BinaryAUC')
[[ $auc == 0.9* ]] || { echo "AUC $auc" >&2; exit 1; }
check records 180 "$(ml get-batch-prediction --batch-prediction-id "$ID" --query TotalRecordCount)"
check pages 2 "$(ml describe-data-sources --filter-variable Name --eq "$ID" --sort-order dsc --page-size 1 --query 'length(Results)' | grep -c 1)"

ml update-ml-model --ml-model-id "$ID" --ml-model-name "$ID, renamed" --score-threshold 0.25 >/dev/null
check renamed "$ID, renamed" "$(ml get-ml-model --ml-model-id "$ID" --query Name)"

ml add-tags --resource-id "$ID" --resource-type MLModel --tags Key=team,Value=garden Key=old,Value=1 >/dev/null
ml delete-tags --resource-id "$ID" --resource-type MLModel --tag-keys old none >/dev/null
check tags "team=garden" "$(ml describe-tags --resource-id "$ID" --resource-type MLModel --query 'join(`,`, Tags[].join(`=`, [Key, Value]))')"

url=$(ml create-realtime-endpoint --ml-model-id "$ID" --query RealtimeEndpointInfo.EndpointUrl)
check tall 1 "$(ml predict --ml-model-id "$ID" --record water=0.9,light=0.9,colour=red --predict-endpoint "$url" --query Prediction.predictedLabel)"
refused InvalidInputException delete-ml-model --ml-model-id "$ID"
check closed NONE "$(ml delete-realtime-endpoint --ml-model-id "$ID" --query RealtimeEndpointInfo.EndpointStatus)"
refused PredictorNotMountedException predict --ml-model-id "$ID" --record water=1 --predict-endpoint "$url"

query="\"SelectSqlQuery\":\"SELECT water, tall FROM flowers\",\"S3StagingLocation\":\"s3://$BUCKET/staging/\",\"DatabaseCredentials\":{\"Username\":\"reader\",\"Password\":\"password\"}"
ml create-data-source-from-rds --data-source-id "$ID-rds" --role-arn role --rds-data "{$query,\"DatabaseInformation\":{
  \"InstanceIdentifier\":\"$RDS_INSTANCE\",\"DatabaseName\":\"$RDS_DATABASE\"},\"ResourceRole\":\"r\",\"ServiceRole\":\"s\",\"SubnetId\":\"n\",\"SecurityGroupIds\":[\"g\"]}" >/dev/null
ml create-data-source-from-redshift --data-source-id "$ID-redshift" --role-arn role --data-spec "{$query,\"DatabaseInformation\":{
  \"ClusterIdentifier\":\"$REDSHIFT_CLUSTER\",\"DatabaseName\":\"$REDSHIFT_DATABASE\"}}" >/dev/null
completed get-data-source --data-source-id "$ID-rds"
completed get-data-source --data-source-id "$ID-redshift"
check rds "$RDS_DATABASE" "$(ml get-data-source --data-source-id "$ID-rds" --query RDSMetadata.Database.DatabaseName)"

ml delete-ml-model --ml-model-id "$ID" >/dev/null
check deleted DELETED "$(ml get-ml-model --ml-model-id "$ID" --query Status)"
check listed 0 "$(ml describe-ml-models --filter-variable Name --prefix "$ID" --query 'length(Results)')"
refused ResourceNotFoundException get-ml-model --ml-model-id "$ID-none"
echo done
