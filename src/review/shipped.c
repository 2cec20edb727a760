/* The shipped custom kinds: common ones whose images stand at known places. size: table
 *
 * A pod spec that carries an image is found by content anyway; a path matters where an image stands
 * outside of a pod spec, and makes an error of what has a wrong type there. A path to a place that
 * looks only partly like a pod spec (a Tekton task has `volumes` but no `containers`) is fine: what
 * it lacks is absent. */
#include "review/kinds.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#define POD_SPEC(at)                                                                               \
    {                                                                                              \
        TEXT(at), false                                                                            \
    }
#define IMAGE(at)                                                                                  \
    {                                                                                              \
        TEXT(at), true                                                                             \
    }
#define KIND(group_, kind_, ...)                                                                   \
    {                                                                                              \
        .group = TEXT(group_), .kind = TEXT(kind_), .paths = (struct kind_path[]){__VA_ARGS__},    \
        .n = sizeof((struct kind_path[]){__VA_ARGS__}) / sizeof(struct kind_path)                  \
    }
#define RUNS_NOTHING(group_, kind_)                                                                \
    {                                                                                              \
        .group = TEXT(group_), .kind = TEXT(kind_), .paths_only = true                             \
    }

/* An Argo template; the same may stand inline in a step or a task. */
#define ARGO_TEMPLATE(at)                                                                          \
    POD_SPEC(at), IMAGE(at ".container.image"), IMAGE(at ".script.image"),                         \
        IMAGE(at ".sidecars[*].image"), POD_SPEC(at ".containerSet")
#define ARGO_WORKFLOW(at)                                                                          \
    POD_SPEC(at), ARGO_TEMPLATE(at ".templates[*]"),                                               \
        ARGO_TEMPLATE(at ".templates[*].steps[*][*].inline"),                                      \
        ARGO_TEMPLATE(at ".templates[*].dag.tasks[*].inline"),                                     \
        ARGO_TEMPLATE(at ".templateDefaults")
#define ARGO_METRICS POD_SPEC("spec.metrics[*].provider.job.spec.template.spec")

#define TEKTON_TASK(at)                                                                            \
    POD_SPEC(at), IMAGE(at ".steps[*].image"), IMAGE(at ".sidecars[*].image"),                     \
        IMAGE(at ".stepTemplate.image")
#define TEKTON_PIPELINE(at)                                                                        \
    TEKTON_TASK(at ".tasks[*].taskSpec"), TEKTON_TASK(at ".finally[*].taskSpec")

#define RAY_CLUSTER(at)                                                                            \
    POD_SPEC(at ".headGroupSpec.template.spec"),                                                   \
        POD_SPEC(at ".workerGroupSpecs[*].template.spec"), IMAGE(at ".autoscalerOptions.image")

#define SPARK_POD(at)                                                                              \
    POD_SPEC(at), IMAGE(at ".image"), IMAGE(at ".sidecars[*].image"), POD_SPEC(at ".template.spec")
#define SPARK_APPLICATION(at)                                                                      \
    POD_SPEC(at), IMAGE(at ".image"), SPARK_POD(at ".driver"), SPARK_POD(at ".executor")

#define KSERVE_COMPONENT(at) POD_SPEC(at), IMAGE(at ".model.image"), POD_SPEC(at ".workerSpec")

#define KUBEVIRT_SPEC(at)                                                                          \
    IMAGE(at ".volumes[*].containerDisk.image"),                                                   \
        IMAGE(at ".domain.firmware.kernelBoot.container.image")

#define TEMPLATE    POD_SPEC("spec.template.spec")
#define REPLICAS(m) POD_SPEC("spec." m ".*.template.spec")
#define SUBSET(m)   POD_SPEC("spec.template." m ".spec.template.spec")

static const struct kind_entry SHIPPED[] = {
    /* schemas and patterns of other objects, which may hold what looks like pod specs */
    RUNS_NOTHING("apiextensions.k8s.io", "CustomResourceDefinition"),
    RUNS_NOTHING("kyverno.io", "ClusterPolicy"),
    RUNS_NOTHING("kyverno.io", "Policy"),

    KIND("argoproj.io", "Rollout", TEMPLATE),
    KIND("argoproj.io", "Experiment", POD_SPEC("spec.templates[*].template.spec")),
    KIND("argoproj.io", "AnalysisTemplate", ARGO_METRICS),
    KIND("argoproj.io", "ClusterAnalysisTemplate", ARGO_METRICS),
    KIND("argoproj.io", "AnalysisRun", ARGO_METRICS),
    KIND("argoproj.io", "Workflow", ARGO_WORKFLOW("spec")),
    KIND("argoproj.io", "WorkflowTemplate", ARGO_WORKFLOW("spec")),
    KIND("argoproj.io", "ClusterWorkflowTemplate", ARGO_WORKFLOW("spec")),
    KIND("argoproj.io", "CronWorkflow", ARGO_WORKFLOW("spec.workflowSpec")),

    KIND("tekton.dev", "Task", TEKTON_TASK("spec")),
    KIND("tekton.dev", "ClusterTask", TEKTON_TASK("spec")),
    KIND("tekton.dev", "TaskRun", TEKTON_TASK("spec.taskSpec")),
    KIND("tekton.dev", "Pipeline", TEKTON_PIPELINE("spec")),
    KIND("tekton.dev", "PipelineRun", TEKTON_PIPELINE("spec.pipelineSpec")),
    KIND("tekton.dev", "StepAction", IMAGE("spec.image")),

    KIND("serving.knative.dev", "Service", TEMPLATE),
    KIND("serving.knative.dev", "Configuration", TEMPLATE),
    KIND("serving.knative.dev", "Revision", POD_SPEC("spec")),
    KIND("sources.knative.dev", "ContainerSource", TEMPLATE),

    KIND("serving.kserve.io", "InferenceService", KSERVE_COMPONENT("spec.predictor"),
         KSERVE_COMPONENT("spec.transformer"), KSERVE_COMPONENT("spec.explainer")),
    KIND("serving.kserve.io", "ServingRuntime", POD_SPEC("spec"), POD_SPEC("spec.workerSpec")),
    KIND("serving.kserve.io", "ClusterServingRuntime", POD_SPEC("spec"),
         POD_SPEC("spec.workerSpec")),

    KIND("leaderworkerset.x-k8s.io", "LeaderWorkerSet",
         POD_SPEC("spec.leaderWorkerTemplate.leaderTemplate.spec"),
         POD_SPEC("spec.leaderWorkerTemplate.workerTemplate.spec")),
    KIND("jobset.x-k8s.io", "JobSet",
         POD_SPEC("spec.replicatedJobs[*].template.spec.template.spec")),
    KIND("kueue.x-k8s.io", "Workload", POD_SPEC("spec.podSets[*].template.spec")),

    KIND("apps.openshift.io", "DeploymentConfig", TEMPLATE),
    KIND("operators.coreos.com", "CatalogSource", IMAGE("spec.image")),
    KIND("operators.coreos.com", "ClusterServiceVersion",
         POD_SPEC("spec.install.spec.deployments[*].spec.template.spec")),

    KIND("apps.kruise.io", "CloneSet", TEMPLATE),
    KIND("apps.kruise.io", "StatefulSet", TEMPLATE),
    KIND("apps.kruise.io", "DaemonSet", TEMPLATE),
    KIND("apps.kruise.io", "BroadcastJob", TEMPLATE),
    KIND("apps.kruise.io", "AdvancedCronJob",
         POD_SPEC("spec.template.jobTemplate.spec.template.spec"),
         POD_SPEC("spec.template.broadcastJobTemplate.spec.template.spec")),
    KIND("apps.kruise.io", "UnitedDeployment", SUBSET("statefulSetTemplate"),
         SUBSET("advancedStatefulSetTemplate"), SUBSET("cloneSetTemplate"),
         SUBSET("deploymentTemplate")),
    KIND("apps.kruise.io", "SidecarSet", POD_SPEC("spec")),
    KIND("apps.kruise.io", "EphemeralJob", POD_SPEC("spec.template")),
    KIND("apps.kruise.io", "ImagePullJob", IMAGE("spec.image")),
    KIND("apps.kruise.io", "ImageListPullJob", IMAGE("spec.images[*]")),

    KIND("batch.volcano.sh", "Job", POD_SPEC("spec.tasks[*].template.spec")),
    KIND("keda.sh", "ScaledJob", POD_SPEC("spec.jobTargetRef.template.spec")),

    KIND("kubeflow.org", "PyTorchJob", REPLICAS("pytorchReplicaSpecs")),
    KIND("kubeflow.org", "TFJob", REPLICAS("tfReplicaSpecs")),
    KIND("kubeflow.org", "MPIJob", REPLICAS("mpiReplicaSpecs")),
    KIND("kubeflow.org", "XGBoostJob", REPLICAS("xgbReplicaSpecs")),
    KIND("kubeflow.org", "PaddleJob", REPLICAS("paddleReplicaSpecs")),
    KIND("kubeflow.org", "JAXJob", REPLICAS("jaxReplicaSpecs")),
    KIND("kubeflow.org", "Notebook", TEMPLATE),
    KIND("trainer.kubeflow.org", "TrainJob", IMAGE("spec.trainer.image")),
    KIND("trainer.kubeflow.org", "TrainingRuntime",
         POD_SPEC("spec.template.spec.replicatedJobs[*].template.spec.template.spec")),
    KIND("trainer.kubeflow.org", "ClusterTrainingRuntime",
         POD_SPEC("spec.template.spec.replicatedJobs[*].template.spec.template.spec")),

    KIND("ray.io", "RayCluster", RAY_CLUSTER("spec")),
    KIND("ray.io", "RayJob", RAY_CLUSTER("spec.rayClusterSpec"),
         POD_SPEC("spec.submitterPodTemplate.spec")),
    KIND("ray.io", "RayService", RAY_CLUSTER("spec.rayClusterConfig")),

    KIND("sparkoperator.k8s.io", "SparkApplication", SPARK_APPLICATION("spec")),
    KIND("sparkoperator.k8s.io", "ScheduledSparkApplication", SPARK_APPLICATION("spec.template")),
    KIND("flink.apache.org", "FlinkDeployment", IMAGE("spec.image"),
         POD_SPEC("spec.podTemplate.spec"), POD_SPEC("spec.jobManager.podTemplate.spec"),
         POD_SPEC("spec.taskManager.podTemplate.spec")),

    KIND("actions.github.com", "AutoscalingRunnerSet", TEMPLATE),
    KIND("actions.github.com", "EphemeralRunnerSet", POD_SPEC("spec.ephemeralRunnerSpec.spec")),
    KIND("actions.github.com", "EphemeralRunner", POD_SPEC("spec.spec")),

    KIND("monitoring.coreos.com", "Prometheus", POD_SPEC("spec"), IMAGE("spec.image"),
         IMAGE("spec.thanos.image")),
    KIND("monitoring.coreos.com", "PrometheusAgent", POD_SPEC("spec"), IMAGE("spec.image")),
    KIND("monitoring.coreos.com", "Alertmanager", POD_SPEC("spec"), IMAGE("spec.image")),
    KIND("monitoring.coreos.com", "ThanosRuler", POD_SPEC("spec"), IMAGE("spec.image")),
    KIND("opentelemetry.io", "OpenTelemetryCollector", POD_SPEC("spec"), IMAGE("spec.image"),
         IMAGE("spec.additionalContainers[*].image")),

    KIND("postgresql.cnpg.io", "Cluster", IMAGE("spec.imageName"),
         IMAGE("spec.postgresql.extensions[*].image.reference")),
    KIND("elasticsearch.k8s.elastic.co", "Elasticsearch", IMAGE("spec.image"),
         POD_SPEC("spec.nodeSets[*].podTemplate.spec")),
    KIND("kibana.k8s.elastic.co", "Kibana", IMAGE("spec.image"), POD_SPEC("spec.podTemplate.spec")),
    KIND("ceph.rook.io", "CephCluster", IMAGE("spec.cephVersion.image")),

    KIND("kubevirt.io", "VirtualMachine", KUBEVIRT_SPEC("spec.template.spec")),
    KIND("kubevirt.io", "VirtualMachineInstance", KUBEVIRT_SPEC("spec")),
};

const struct kind_entry *kinds_shipped(size_t *ret_n)
{
    *ret_n = sizeof SHIPPED / sizeof *SHIPPED;
    return SHIPPED;
}
