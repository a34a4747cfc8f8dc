goog_cm_deployment_name = "connector-test"
zone                    = "us-central1-a"
administrator_network   = "10.128.0.0/9"
