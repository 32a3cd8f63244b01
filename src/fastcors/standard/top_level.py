"""Top-level domains in which anyone can register a name, for examples where no public suffix list is installed."""

COMMON_TOPS = ("co", "com", "info")
"""The first ones to try, so that an example reads well."""

_GENERIC = """
    com net org edu gov mil int info biz name pro aero coop museum mobi asia jobs travel tel cat post xxx xyz
    app dev page web site online store shop tech cloud host space website blog art design studio agency digital
    media news live video games game club fun life world today email group company solutions services systems
    network software technology finance bank money fund capital trade market markets exchange health care clinic
    law legal school academy education university science energy solar green eco bio farm food restaurant bar
    cafe pizza coffee wine beer fit run yoga team works work zone link click download chat social community
    support help guru expert rocks ninja wtf lol cool gay sexy porn adult sex love dating date party events
    photos photo pictures gallery music film movie tv radio center city town land house homes property estate
    rent sale deals discount shopping fashion style shoes clothing auto car cars bike taxi limo flights holiday
    hotel hotels tours vacations build builders construction engineering tools supply google amazon apple
    microsoft azure aws new foo zip mov day how soy ing meme phd prof dad esq boo rsvp vip top win bid icu cyou
    buzz monster quest one ltd llc inc gmbh srl ventures partners consulting management marketing wiki ink
    observer codes code ooo onl red blue pink black moe kim best cab sbs bond cfd rest bet poker casino london
    paris berlin hamburg koeln wien tokyo nyc boston miami vegas amsterdam brussels swiss scot wales africa lat
    arpa
"""
_COUNTRIES = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca
    cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo
    fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je
    jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo
    mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt
    pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk
    tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw xn--p1ai xn--fiqs8s
    xn--90ais xn--j1amh
"""

KNOWN_TOPS = frozenset((*_GENERIC.split(), *_COUNTRIES.split()))
"""The best known of all top-level domains: those of countries, and many others."""
