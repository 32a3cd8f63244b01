"""Domains of platforms that give each customer a subdomain, so anyone who signs up gets one.

Most of them are on the public suffix list too. They are repeated here because that list is an optional dependency, and
because not every platform has asked to be on it. The names are rules as the list has them: `*` is any one label.
"""

_HOSTING = """
    vercel.app vercel.dev now.sh netlify.app pages.dev workers.dev r2.dev github.io gitlab.io codeberg.page
    herokuapp.com onrender.com app.render.com fly.dev up.railway.app web.app firebaseapp.com appspot.com *.r.appspot.com
    *.run.app cloudfunctions.net *.hosted.app firebasestorage.app surge.sh deno.dev deno.net sandbox.deno.net
    ondigitalocean.app *.digitaloceanspaces.com koyeb.app northflank.app code.run zeabur.app gigalixirapp.com
    *.platformsh.site *.platform.site kinsta.app kinsta.page sevalla.app wasmer.app edgeone.app edgecompute.app
    global.ssl.fastly.net b-cdn.net myshopify.com pythonanywhere.com eu.pythonanywhere.com *.vultrobjects.com
    *.linodeobjects.com ip.linodeusercontent.com cleverapps.io functions.fnc.fr-par.scw.cloud supabase.co supabase.in
    supabase.net appwrite.network convex.site convex.cloud hasura.app encr.app pantheonsite.io wpengine.com
    kinsta.cloud neocities.org tiiny.site webflow.io framer.app framer.website framer.media framer.ai
    wixsite.com wixstudio.com weebly.com blogspot.com wordpress.com notion.site bubbleapps.io softr.app readthedocs.io
    gitbook.io zendesk.com atlassian.net auth0.com us.auth0.com eu.auth0.com au.auth0.com jp.auth0.com uk.auth0.com
    okta.com oktapreview.com tumblr.com substack.com itch.io infinityfreeapp.com 000webhostapp.com visualforce.com
    squarespace.com myportfolio.com mystrikingly.com jimdofree.com jimdosite.com godaddysites.com wikidot.com
    hubspotpagebuilder.com super.site quarto.pub mintlify.app glide.page thunkable.site zapier.app manus.space
    back4app.io b4a.run cyclic.app adaptable.app cloudwaysapps.com nhost.run openshiftapps.com webflow.com
    rf.gd epizy.com byethost.com sourceforge.io arweave.net mybigcommerce.com ghost.io tripod.com angelfire.com
    unbouncepages.com pockethost.io 42web.io wuaze.com altervista.org freehostia.com ucoz.com webnode.page carrd.co
    strikingly.com
    livejournal.com typepad.com teachable.com freshdesk.com bandcamp.com deviantart.com bigcartel.com
    mykajabi.com thinkific.com narod.ru blogspot.de business.site 4everland.app on.fleek.co hashnode.dev free.fr
    over-blog.com sourceforge.net
"""
_DEVELOPMENT = """
    app.github.dev preview.app.github.dev github.dev githubpreview.dev apps.codespaces.githubusercontent.com *.gitpod.io
    *.gitpod.dev *.gitpod.cloud *.devtunnels.ms *.vscode-cdn.net stackblitz.io w.staticblitz.com webcontainer.io
    local.webcontainer.io local-corp.webcontainer.io local-credentialless.webcontainer.io webcontainer-api.io
    local.webcontainer-api.io local-corp.webcontainer-api.io local-credentialless.webcontainer-api.io bolt.host csb.app
    preview.csb.app codesandbox.io sse.codesandbox.io replit.app id.replit.app replit.dev *.replit.dev repl.co
    id.repl.co repl.run glitch.me cloudshell.dev cloudworkstations.dev goorm.io run.goorm.io run.goorm.site e2b.app
    e2b.dev lovable.app lovable.dev lovableproject.com v0.app v0.build vusercontent.net base44.app codeanyapp.com
"""
_TUNNELS = """
    ngrok.io ap.ngrok.io au.ngrok.io eu.ngrok.io in.ngrok.io jp.ngrok.io sa.ngrok.io us.ngrok.io ngrok-free.app
    ngrok.app ngrok.dev ngrok-free.dev ngrok.pizza ngrok.pro trycloudflare.com loca.lt localtunnel.me serveo.net
    serveousercontent.com lhr.life lhr.rocks localhost.run pinggy.io pinggy.link *.pinggy.link *.free.pinggy.link
    pinggy.online localto.net bore.pub telebit.io ts.net zrok.io share.zrok.io loophole.site tunnelto.dev ply.gg nip.io
    sslip.io xip.io traefik.me cfargotunnel.com exp.direct pagekite.me beeceptor.com instatunnel.my free.beeceptor.com
"""
_MODELS = """
    streamlit.app streamlitapp.com hf.space gradio.live modal.run *.modal.host cloudspaces.litng.ai proxy.runpod.net
    aws.databricksapps.com *.azure.databricksapps.com gcp.databricksapps.com cloud.databricks.com *.azuredatabricks.net
    snowflakecomputing.com *.snowflakecomputing.app plotly.app shinyapps.io anvil.app
"""
_CLOUDS = """
    azurewebsites.net *.p.azurewebsites.net azurewebsites.us azurestaticapps.net *.azurecontainer.io
    *.azurecontainerapps.io azurefd.net z01.azurefd.net z02.azurefd.net z03.azurefd.net a01.azurefd.net a02.azurefd.net
    a03.azurefd.net b01.azurefd.net b02.azurefd.net azureedge.net trafficmanager.net azure-api.net azure-mobile.net
    cloudapp.net *.cloudapp.azure.com servicebus.windows.net blob.core.windows.net file.core.windows.net
    web.core.windows.net *.web.core.windows.net b2clogin.com ciamlogin.com onmicrosoft.com sharepoint.com
    powerappsportals.com *.dynamics.com
    my.salesforce.com sandbox.my.salesforce.com develop.my.salesforce.com scratch.my.salesforce.com
    demo.my.salesforce.com trailblaze.my.salesforce.com force.com lightning.force.com sandbox.lightning.force.com
    develop.lightning.force.com scratch.lightning.force.com vf.force.com sandbox.vf.force.com my.site.com
    sandbox.my.site.com develop.my.site.com my.salesforce-sites.com service-now.com hs-sites.com
    storage.googleapis.com cloudfront.net elasticbeanstalk.com amplifyapp.com awsapps.com amazoncognito.com
    s3.amazonaws.com s3-1.amazonaws.com s3-external-1.amazonaws.com s3-accelerate.amazonaws.com *.elb.amazonaws.com
    *.compute.amazonaws.com *.compute-1.amazonaws.com *.elb.amazonaws.com.cn *.compute.amazonaws.com.cn
    *.appdomain.cloud *.cf.appdomain.cloud *.codeengine.appdomain.cloud mybluemix.net *.oraclecloudapps.com
    *.aliyuncs.com *.fcapp.run tcloudbaseapp.com wasabisys.com *.wasabisys.com backblazeb2.com *.backblazeb2.com
    googleusercontent.com
"""

_AWS_REGIONS = """
    af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
    ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
    eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
    me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-west-1 us-west-2
"""
# Nobody can register a name directly below amazonaws.com, but anyone can have a bucket or an API below one of these.
_IN_AWS_REGIONS = """
    s3.{}.amazonaws.com s3-{}.amazonaws.com s3.dualstack.{}.amazonaws.com s3-website.{}.amazonaws.com
    s3-website-{}.amazonaws.com execute-api.{}.amazonaws.com lambda-url.{}.on.aws {}.elasticbeanstalk.com
    {}.awsapprunner.com auth.{}.amazoncognito.com
"""
_AZURE_REGIONS = "centralus eastasia eastus2 westeurope westus2"
_STATIC_APPS = ("", *(f"{number}." for number in range(1, 8)))

PLATFORMS = frozenset(
    (
        *(name for names in (_HOSTING, _DEVELOPMENT, _TUNNELS, _MODELS, _CLOUDS) for name in names.split()),
        *(name.format(region) for name in _IN_AWS_REGIONS.split() for region in _AWS_REGIONS.split()),
        *(f"{part}azurestaticapps.net" for part in _STATIC_APPS),
        *(f"{region}.{part}azurestaticapps.net" for region in _AZURE_REGIONS.split() for part in _STATIC_APPS),
    )
)
"""Rules as in the public suffix list: anyone can have a name below each of these domains."""

_SHARED = """
    s3.amazonaws.com storage.googleapis.com storage.cloud.google.com firebasestorage.googleapis.com sites.google.com
    docs.google.com drive.google.com script.google.com colab.research.google.com raw.githubusercontent.com github.com
    gitlab.com bitbucket.org huggingface.co cdn.jsdelivr.net unpkg.com ipfs.io dweb.link web.archive.org archive.org
    medium.com dev.to codepen.io jsfiddle.net jsbin.com notion.so replit.com dl.dropboxusercontent.com
    raw.githack.com rawcdn.githack.com gateway.pinata.cloud gateway.ipfs.io nftstorage.link w3s.link 4everland.io
    arweave.net link.storjshare.io members.tripod.com s3.amazonaws.com.cn commondatastorage.googleapis.com
    s3.wasabisys.com s3.us-east-1.wasabisys.com s3.us-east-2.wasabisys.com s3.us-west-1.wasabisys.com
    s3.eu-central-1.wasabisys.com s3.us-west-000.backblazeb2.com s3.us-west-001.backblazeb2.com
    s3.us-west-002.backblazeb2.com s3.us-west-004.backblazeb2.com s3.us-east-005.backblazeb2.com
    s3.eu-central-003.backblazeb2.com
"""
SHARED_BY_PATH = frozenset(_SHARED.split())
"""Hosts that give each customer a path instead. All of them share one origin."""
